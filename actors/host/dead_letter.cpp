#include "actors/host/dead_letter.hpp"

#include <cstring>

#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

std::string dead_letter_key(storage::Position position) {
  return dead_letters.key().position(position).str();
}

std::string dead_letter_record(kj::ArrayPtr<const capnp::word> entry, const std::string& address,
                               const std::string& reason, core::Instant received_at) {
  storage::RecordBuilder<schema::DeadLetterRecord> letter;
  letter->setEntry(entry.asBytes());
  letter->setReason(reason);
  letter->setAddress(address);
  letter->setReceivedAt(received_at.milliseconds);
  return letter.bytes();
}

kj::Array<capnp::word> entry_of(schema::DeadLetterRecord::Reader letter) {
  const auto data = letter.getEntry();
  auto words = kj::heapArray<capnp::word>(data.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), data.begin(), words.asBytes().size());
  return words;
}

tl::expected<std::uint64_t, storage::Error> count_dead_letters(const storage::Store& store) {
  std::uint64_t count = 0;
  const auto scanned = store.scan(dead_letters.family(), {}, {}, [&](auto, auto) {
    ++count;
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  return count;
}

}  // namespace hhgrid::actors
