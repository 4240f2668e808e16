#include "storage/store/provenance.hpp"

#include <stdexcept>

#include "storage/wire/record.hpp"

namespace hhgrid::storage {
namespace {

constexpr std::size_t slot_count = 1024;

template <class Source>
auto reader_of(const Source& source) {
  return
      [&source](std::string_view key) { return block_table.get(source, key, read_block_record); };
}

}  // namespace

std::string block_key(BlockNumber block) { return block_table.key().u64(block).str(); }

std::string block_record(const BlockOrigin& origin) {
  RecordBuilder<schema::BlockRecord> record;
  record->setEntryCount(origin.entry_count);
  record->setReceivedAt(origin.received_at.milliseconds);
  record->setSource(origin.source);
  record->setSenderHigh(origin.sender.high);
  record->setSenderLow(origin.sender.low);
  if (!origin.participant.empty()) record->setParticipant(origin.participant.to_string());
  return record.bytes();
}

BlockOrigin read_block_record(schema::BlockRecord::Reader record) {
  BlockOrigin origin{{record.getReceivedAt()},
                     record.getEntryCount(),
                     record.getSource().cStr(),
                     {record.getSenderHigh(), record.getSenderLow()},
                     {}};
  if (!record.hasParticipant()) return origin;
  const auto participant = core::ParticipantId::parse(record.getParticipant().cStr());
  if (!participant) throw std::runtime_error(participant.error().text);
  origin.participant = *participant;
  return origin;
}

Provenance::Provenance(const Store& store) : get_(reader_of(store)), path_(store.path().string()) {}
Provenance::Provenance(const Store::View& view)
    : get_(reader_of(view)), path_(view.path().string()) {}

tl::expected<const BlockOrigin*, Error> Provenance::of(Position position) {
  auto slot = slot_of(position.block());
  if (!slot) return tl::unexpected(std::move(slot.error()));
  const BlockOrigin& origin = (*slot)->origin;
  if (position.index() < origin.entry_count) return &origin;
  return tl::unexpected(
      Error{Errc::damaged, path_ + ": no block holds position " + to_string(position)});
}

/// A block that is not there is one without entries.
tl::expected<const Provenance::Slot*, Error> Provenance::slot_of(BlockNumber block) {
  if (slots_.empty()) slots_.resize(slot_count);
  Slot& slot = slots_[block % slots_.size()];
  if (slot.block == block) return &slot;
  auto found = get_(block_key(block));
  if (!found) return tl::unexpected(std::move(found.error()));
  // What is not there now may be there later: it is not remembered.
  slot = *found ? Slot{block, std::move(**found)} : Slot{};
  return &slot;
}

}  // namespace hhgrid::storage
