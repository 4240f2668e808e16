#include "actors/host/block_marks.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::Family;

std::string sender_mark_key(const storage::SenderId& sender) {
  return sender_marks.key().u64(sender.high).u64(sender.low).str();
}

std::string destination_mark_key(storage::PartitionId destination) {
  return destination_marks.key().u16(destination).str();
}

std::string mark_record(std::uint64_t n, std::uint64_t number) {
  storage::RecordBuilder<schema::MarkRecord> record;
  record->setN(n);
  record->setNumber(number);
  return record.bytes();
}

namespace {

using Marks = storage::Table<schema::MarkRecord>;

tl::expected<SenderMark, Error> read_mark(const Marks& marks, const storage::Store& store,
                                          std::string_view key) {
  return marks
      .get(store, key,
           [](schema::MarkRecord::Reader mark) {
             return SenderMark{mark.getN(), mark.getNumber()};
           })
      .map([](const std::optional<SenderMark>& mark) { return mark.value_or(SenderMark()); });
}

}  // namespace

tl::expected<SenderMark, Error> read_sender_mark(const storage::Store& store,
                                                 const storage::SenderId& sender) {
  return read_mark(sender_marks, store, sender_mark_key(sender));
}

tl::expected<std::uint64_t, Error> read_destination_mark(const storage::Store& store,
                                                         storage::PartitionId destination) {
  return read_mark(destination_marks, store, destination_mark_key(destination))
      .map([](const SenderMark& mark) { return mark.n; });
}

tl::expected<SenderMarks::Turn, Error> SenderMarks::turn_of(const storage::BlockId& block,
                                                            const storage::Store& store) {
  auto known = last_.find(block.sender);
  if (known == last_.end()) {
    const auto stored = read_sender_mark(store, block.sender);
    if (!stored) return tl::unexpected(stored.error());
    known = last_.emplace(block.sender, stored->n).first;
  }
  if (block.n <= known->second) return Turn::repeat;
  return block.n == known->second + 1 ? Turn::next : Turn::early;
}

void SenderMarks::taken(const storage::BlockId& block, std::uint64_t number, bool ends_sender,
                        storage::Commit& commit) {
  if (ends_sender) {
    last_.erase(block.sender);
    // A sender of one block has left no mark.
    if (block.n > 1) commit.erase(Family::meta, sender_mark_key(block.sender));
  } else {
    last_[block.sender] = block.n;
    commit.put(Family::meta, sender_mark_key(block.sender), mark_record(block.n, number));
  }
}

}  // namespace hhgrid::actors
