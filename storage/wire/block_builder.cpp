#include "storage/wire/block_builder.hpp"

#include <cstring>

#include <kj/exception.h>

#include "core/assertion.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::storage {
namespace {

/// Root pointer, six words of fields and three pointers: what a Block takes besides texts and
/// entries.
constexpr std::size_t block_fixed_words = 1 + 6 + 3;

/// A text ends in a zero.
std::size_t text_words(std::size_t size) { return size == 0 ? 0 : size / sizeof(capnp::word) + 1; }
constexpr std::size_t segment_table_words = 1;

static_assert(sizeof(capnp::word) == sizeof(std::uint64_t));

/// Words are only looked at through here: a vector cannot hold them with every compiler, for want
/// of a copy.
EntryWords as_words(const std::vector<std::uint64_t>& words) {
  return {reinterpret_cast<const capnp::word*>(words.data()), words.size()};
}

}  // namespace

// -- BlockBuilder -------------------------------------------------------------------------------

BlockBuilder::BlockBuilder(core::Instant received_at, std::string source)
    : received_at_(received_at), source_(std::move(source)) {}

void BlockBuilder::add(EntryWords entry) {
  HHGRID_ASSERT(entry.size() > 0);
  HHGRID_ASSERT(sizes_.size() < block_entries_max, sizes_.size());
  const std::size_t at = words_.size();
  words_.resize(at + entry.size());
  std::memcpy(words_.data() + at, entry.begin(), entry.asBytes().size());
  sizes_.push_back(static_cast<std::uint32_t>(entry.size()));
}

std::size_t BlockBuilder::message_words() const {
  return block_fixed_words + text_words(source_.size()) + text_words(participant_.view().size()) +
         sizes_.size() + words_.size();
}

std::size_t BlockBuilder::size_bytes() const {
  return (segment_table_words + message_words()) * sizeof(capnp::word);
}

Block BlockBuilder::finish(const BlockId& id, bool ends_sender) {
  HHGRID_ASSERT(!empty() || ends_sender);
  HHGRID_ASSERT(id.n > 0);
  // The size is known, so the message is laid out at its final place: one segment behind a segment
  // table of one word.
  const std::size_t segment_words = message_words();
  auto flat = kj::heapArray<capnp::word>(segment_table_words + segment_words);
  std::memset(static_cast<void*>(flat.begin()), 0, flat.asBytes().size());
  const auto table = static_cast<std::uint64_t>(segment_words)
                     << 32;  // segment count - 1, then the size of segment 0
  std::memcpy(static_cast<void*>(flat.begin()), &table, sizeof table);

  capnp::FlatMessageBuilder message(flat.slice(segment_table_words, flat.size()));
  auto block = message.initRoot<schema::Block>();
  block.setFormatVersion(schema::BLOCK_FORMAT);
  block.setSenderHigh(id.sender.high);
  block.setSenderLow(id.sender.low);
  block.setN(id.n);
  block.setNumber(number_);
  block.setEndsSender(ends_sender);
  block.setReceivedAt(received_at_.milliseconds);
  if (!source_.empty()) block.setSource(source_.c_str());
  if (!participant_.empty()) block.setParticipant(participant_.to_string());
  auto entries = block.initEntries(count());
  const capnp::word* next = as_words(words_).begin();
  for (std::uint32_t i = 0; i < count(); ++i) {
    entries.set(i, kj::arrayPtr(next, sizes_[i]).asBytes());
    next += sizes_[i];
  }
  message.requireFilled();

  Block result{count(), std::make_shared<const kj::Array<capnp::word>>(kj::mv(flat))};
  words_.clear();
  sizes_.clear();
  return result;
}

// -- BlockView ----------------------------------------------------------------------------------

BlockView::BlockView(kj::ArrayPtr<const capnp::word> words) {
  try {
    // Every entry is looked at once here; the limit is against messages that point at the same
    // words again and again.
    message_.emplace(words, capnp::ReaderOptions{.traversalLimitInWords = words.size() * 2 + 1024,
                                                 .nestingLimit = 8});
    read();
  } catch (const kj::Exception& e) {
    error_ =
        Error{Errc::damaged, std::string("a block is not readable: ") + e.getDescription().cStr()};
  }
  if (error_) entries_.clear();
}

void BlockView::read() {
  const auto block = message_->getRoot<schema::Block>();
  const std::uint16_t version = block.getFormatVersion();
  if (version < schema::OLDEST_BLOCK_FORMAT || version > schema::BLOCK_FORMAT) {
    error_ = Error{wrong_format(version, schema::OLDEST_BLOCK_FORMAT),
                   "a block has format version " + std::to_string(version) +
                       "; this program reads " + std::to_string(schema::OLDEST_BLOCK_FORMAT) +
                       " to " + std::to_string(schema::BLOCK_FORMAT)};
    return;
  }
  id_ = {{block.getSenderHigh(), block.getSenderLow()}, block.getN()};
  number_ = block.getNumber();
  ends_sender_ = block.getEndsSender();
  received_at_ = {block.getReceivedAt()};
  const auto source = block.getSource();
  source_ = {source.begin(), source.size()};
  if (block.hasParticipant()) {
    const auto participant = core::ParticipantId::parse(block.getParticipant().cStr());
    if (!participant) {
      error_ = Error{Errc::damaged, "the participant of a block: " + participant.error().text};
      return;
    }
    participant_ = *participant;
  }
  const auto entries = block.getEntries();
  if (entries.size() > block_entries_max) {
    error_ = Error{Errc::damaged, "a block has " + std::to_string(entries.size()) +
                                      " entries; it can have at most " +
                                      std::to_string(block_entries_max)};
    return;
  }
  entries_.reserve(entries.size());
  for (const capnp::Data::Reader entry : entries) {
    if (entry.size() == 0 || entry.size() % sizeof(capnp::word) != 0) {
      error_ = Error{Errc::damaged, "entry " + std::to_string(entries_.size()) +
                                        " of a block has " + std::to_string(entry.size()) +
                                        " bytes, which is no number of words"};
      return;
    }
    // Data of a message lies at word boundaries.
    entries_.emplace_back(reinterpret_cast<const capnp::word*>(entry.begin()),
                          entry.size() / sizeof(capnp::word));
  }
  if (entries_.empty() && !ends_sender_) error_ = Error{Errc::damaged, "a block has no entries"};
}

tl::expected<Block, Error> read_block(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
    return tl::unexpected(Error{Errc::damaged, "a block has " + std::to_string(bytes.size()) +
                                                   " bytes, which is no number of words"});
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::memcpy(static_cast<void*>(words.begin()), bytes.data(), bytes.size());
  const BlockView view(words);
  if (view.error()) return tl::unexpected(*view.error());
  return Block{static_cast<std::uint32_t>(view.entries().size()),
               std::make_shared<const kj::Array<capnp::word>>(kj::mv(words))};
}

}  // namespace hhgrid::storage
