#include "actors/host/outbox.hpp"

#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "actors/host/block_marks.hpp"
#include "storage/store/table.hpp"

namespace hhgrid::actors {
namespace {

using storage::Error;
using storage::Family;
using storage::PartitionId;

constexpr storage::Table<schema::OutboxRecord> outbox_table{Family::outbox, outbox_tag};
constexpr std::size_t block_bytes_max = std::size_t{1} << 20;

storage::Block block_of(capnp::Data::Reader bytes) {
  auto block = storage::read_block({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  if (!block) throw std::runtime_error(block.error().text);
  return std::move(*block);
}

}  // namespace

std::string outbox_key(PartitionId destination, std::uint64_t n) {
  return outbox_table.key().u16(destination).u64(n).str();
}

tl::expected<void, Error> Outbox::load(const storage::Store& store) {
  auto loaded =
      destination_marks.each(store, [&](storage::KeyReader& key, schema::MarkRecord::Reader mark) {
        sent_[key.u16()] = mark.getN();
      });
  if (!loaded) return loaded;
  return outbox_table.each(
      store, [&](storage::KeyReader& key, schema::OutboxRecord::Reader record) {
        OutboxBlock block;
        block.destination = key.u16();
        block.n = key.u64();
        if (block.n > sent_[block.destination])
          throw std::runtime_error(fmt::format("block {} to partition {} has never been sent",
                                               block.n, block.destination));
        block.block = block_of(record.getBlock());
        committed_.push_back(std::move(block));
      });
}

void Outbox::send(storage::Position position, PartitionId destination, Words entry) {
  messages_.push_back({position, destination, std::move(entry)});
}

void Outbox::take_back(storage::Position position) {
  while (!messages_.empty() && messages_.back().position == position) messages_.pop_back();
}

void Outbox::write(core::Instant received_at, storage::Commit& commit) {
  std::map<PartitionId, storage::BlockBuilder> builders;
  const std::string source = fmt::format("partition/{}", sender_);
  for (const auto& message : messages_) {
    auto& builder = builders.try_emplace(message.destination, received_at, source).first->second;
    const bool full = builder.size_bytes() + message.entry->asBytes().size() > block_bytes_max ||
                      builder.count() == storage::block_entries_max;
    if (full && !builder.empty()) close(message.destination, builder, commit);
    builder.add(*message.entry);
  }
  for (auto& [destination, builder] : builders) {
    close(destination, builder, commit);
    commit.put(Family::meta, destination_mark_key(destination), mark_record(sent_[destination]));
  }
  messages_.clear();
  forget_delivered(commit);
}

void Outbox::forget_delivered(storage::Commit& commit) {
  for (const auto& [destination, n] : delivered_)
    commit.erase(Family::outbox, outbox_key(destination, n));
  delivered_.clear();
}

void Outbox::close(PartitionId destination, storage::BlockBuilder& builder,
                   storage::Commit& commit) {
  const std::uint64_t n = ++sent_[destination];
  OutboxBlock closed{destination, n, builder.finish({storage::SenderId::of_partition(sender_), n})};
  storage::RecordBuilder<schema::OutboxRecord> record;
  record->setBlock(closed.block.words->asBytes());
  commit.put(Family::outbox, outbox_key(destination, n), record.bytes());
  closed_.push_back(std::move(closed));
}

void Outbox::committed() {
  committed_.insert(committed_.end(), std::make_move_iterator(closed_.begin()),
                    std::make_move_iterator(closed_.end()));
  closed_.clear();
}

}  // namespace hhgrid::actors
