#include "storage/wire/entry_view.hpp"

#include <cstring>
#include <string>

#include <kj/exception.h>

namespace hhgrid::storage {

kj::Array<capnp::word> copy_words(EntryWords words) {
  auto copy = kj::heapArray<capnp::word>(words.size());
  std::memcpy(static_cast<void*>(copy.begin()), words.begin(), words.asBytes().size());
  return copy;
}

tl::expected<schema::Entry::Reader, Error> EntryView::entry() {
  try {
    const auto root = message_.getRoot<schema::Entry>();
    const std::uint16_t version = root.getFormatVersion();
    if (version >= 1 && version <= schema::ENTRY_FORMAT) return root;
    return tl::unexpected(
        Error{wrong_format(version, 1), "an entry has format version " + std::to_string(version) +
                                            "; this program reads 1 to " +
                                            std::to_string(schema::ENTRY_FORMAT)});
  } catch (const kj::Exception& e) {
    return tl::unexpected(Error{
        Errc::damaged, std::string("an entry is not readable: ") + e.getDescription().cStr()});
  }
}

/// The same entry, copied to where there is room for all of it.
EntryWords EntryScratch::in_one_segment() {
  const schema::Entry::Reader root = message_->getRoot<schema::Entry>().asReader();
  const std::size_t words = root.totalSize().wordCount + 1;  // and the root pointer
  large_ = kj::heapArray<capnp::word>(words);
  std::memset(static_cast<void*>(large_.begin()), 0, large_.asBytes().size());
  capnp::FlatMessageBuilder message(large_);
  message.setRoot(root);
  return EntryWords(message.getSegmentsForOutput()[0]);
}

AlignedWords::AlignedWords(kj::ArrayPtr<const kj::byte> bytes) {
  constexpr std::size_t word = sizeof(capnp::word);
  const std::size_t count = bytes.size() / word;
  if (bytes.size() % word != 0 || count == 0) return;
  if (reinterpret_cast<std::uintptr_t>(bytes.begin()) % alignof(capnp::word) == 0) {
    words_ = EntryWords(reinterpret_cast<const capnp::word*>(bytes.begin()), count);
    return;
  }
  capnp::word* target = small_.data();
  if (count > small_.size()) {
    large_ = kj::heapArray<capnp::word>(count);
    target = large_.begin();
  }
  std::memcpy(static_cast<void*>(target), bytes.begin(), bytes.size());
  words_ = EntryWords(target, count);
}

std::optional<core::Mpan> consumption_mpan(EntryWords words) {
  // Where the fields of schema::Entry stand (`capnp compile -ocapnp`); Cap'n Proto never moves the
  // fields of a schema that exists. A struct of 3 data words and 2 pointers behind its pointer.
  constexpr std::uint64_t root_pointer = std::uint64_t{3} << 32 | std::uint64_t{2} << 48;
  std::uint64_t root, mpan;
  std::uint16_t which;
  if (words.size() < 6) return std::nullopt;
  const auto* const bytes = reinterpret_cast<const char*>(words.begin());
  std::memcpy(&root, bytes, sizeof root);
  std::memcpy(&which, bytes + 10, sizeof which);
  std::memcpy(&mpan, bytes + 16, sizeof mpan);
  if (root != root_pointer || which != schema::Entry::CONSUMPTION) return std::nullopt;
  return core::Mpan::unchecked(mpan);
}

}  // namespace hhgrid::storage
