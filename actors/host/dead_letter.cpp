#include "actors/host/dead_letter.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "actors/host/fold.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

std::string dead_letter_key(storage::Position position) {
  return dead_letter_records.key().position(position).str();
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

tl::expected<void, storage::Error> DeadLetters::load(const storage::Store& store) {
  count_ = 0;
  return store.scan(dead_letter_records.family(), {}, {}, [&](auto, auto) {
    ++count_;
    return true;
  });
}

void DeadLetters::take_back_all() {
  count_ = before_block_;
  committed();
}

void DeadLetters::bury(storage::Position position, kj::ArrayPtr<const capnp::word> entry,
                       const std::string& address, const std::string& reason,
                       core::Instant received_at, storage::Commit& commit) {
  commit.put(dead_letter_records.family(), dead_letter_key(position),
             dead_letter_record(entry, address, reason, received_at));
  ++count_;
}

kj::ArrayPtr<const capnp::word> DeadLetters::take(storage::Position dead,
                                                  const storage::Store& store) {
  if (replayed_.contains(dead))
    throw TurnFailure(
        fmt::format("the dead letter at position {} has had its replay already", to_string(dead)));
  auto entry = dead_letter_records.get(store, dead_letter_key(dead), entry_of);
  if (!entry) throw_read_error(entry.error());
  if (!*entry)
    throw TurnFailure(fmt::format("there is no dead letter at position {}", to_string(dead)));
  return taken_.emplace_back(std::move(**entry));
}

void DeadLetters::replayed(storage::Position dead, storage::Commit& commit) {
  commit.erase(dead_letter_records.family(), dead_letter_key(dead));
  replayed_.insert(dead);
  --count_;
}

void DeadLetters::committed() {
  replayed_.clear();
  taken_.clear();
}

}  // namespace hhgrid::actors
