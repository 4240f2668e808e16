#include <cstring>

#include <fmt/format.h>

#include "actors/host/fold.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::Family;
using storage::KeyReader;
using storage::Position;

tl::expected<void, Error> Fold::load() {
  for (const auto step : {&Fold::load_meta, &Fold::load_batches, &Fold::load_outbox})
    if (auto done = (this->*step)(); !done) return done;
  return load_state();
}

tl::expected<void, Error> Fold::load_meta() {
  const std::string where = store_.path().string() + " meta";
  const auto bytes = store_.get(Family::meta, meta_key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return {};  // a new store
  auto read = storage::read_record<
      schema::MetaRecord>(**bytes, where, [&](auto meta) -> std::optional<Error> {
    const storage::Topology& topology = identity_.topology;
    if (meta.getPartition() != identity_.id ||
        meta.getPartitionCount() != topology.meter_partitions() ||
        meta.getKind() != static_cast<std::uint8_t>(topology.kind(identity_.id)))
      return Error{Errc::foreign,
                   fmt::format("{}: is partition {} of {}, expected partition {} of {}", where,
                               meta.getPartition(), meta.getPartitionCount(), identity_.id,
                               topology.meter_partitions())};
    const storage::GridId grid{meta.getGridIdHigh(), meta.getGridIdLow()};
    if (grid != storage::GridId{} &&
        grid != identity_.grid)  // nothing: written before stores kept it
      return Error{
          Errc::foreign,
          fmt::format(
              "{}: belongs to grid {:016x}{:016x}, the journal is of grid {:016x}{:016x}; put back "
              "the partition's own store",
              where, grid.high, grid.low, identity_.grid.high, identity_.grid.low)};
    position_ = meta.getPosition();
    for (const auto sender : meta.getSenders())
      senders_[sender.getPartition()] = {sender.getPosition(), sender.getN()};
    read_meta(meta);
    return std::nullopt;
  });
  if (!read) return tl::unexpected(read.error());
  if (*read) return tl::unexpected(**read);
  store_.loaded(position_);
  return {};
}

tl::expected<void, Error> Fold::load_batches() {
  std::optional<Error> failure;
  auto scanned =
      store_.scan(Family::batch, {}, {}, [&](std::string_view key, std::string_view value) {
        KeyReader reader(key);
        const Position first = reader.u64();
        const auto where = [&] {
          return store_.path().string() + " batch " + std::to_string(first);
        };
        auto read = storage::read_record<schema::BatchRecord>(value, where, [&](auto batch) {
          const core::Instant received{batch.getReceivedAt()};
          if (received_.empty() || received_.rbegin()->second != received)
            received_.emplace(first, received);
          return true;
        });
        if (!read)
          failure = read.error();
        else if (!reader.complete())
          failure = Error{Errc::damaged, where() + ": bad key " + storage::printable_key(key)};
        return !failure;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

tl::expected<void, Error> Fold::load_outbox() {
  std::optional<Error> failure;
  auto scanned =
      store_.scan(Family::outbox, {}, {}, [&](std::string_view key, std::string_view value) {
        KeyReader reader(key);
        OutboxMessage message;
        message.position = reader.u64();
        message.n = reader.u32();
        const std::string where = store_.path().string() + " outbox " + storage::printable_key(key);
        auto read = storage::read_record<schema::OutboxRecord>(value, where, [&](auto record) {
          message.destination = record.getDestination();
          if (!reader.complete() || !identity_.topology.contains(message.destination))
            throw std::runtime_error(
                fmt::format("the key or the destination {} does not hold", message.destination));
          message.received_at.milliseconds = record.getReceivedAt();
          const auto data = record.getEntry();
          auto words = std::make_shared<kj::Array<capnp::word>>(
              kj::heapArray<capnp::word>(data.size() / sizeof(capnp::word)));
          std::memcpy(words->begin(), data.begin(), words->asBytes().size());
          message.entry = std::move(words);
          outbox_.push_back(message);
          return true;
        });
        if (!read) failure = read.error();
        return !failure;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  scanned = store_.scan(Family::dead_letter, {}, {}, [&](std::string_view, std::string_view) {
    ++dead_letters_;
    return true;
  });
  return scanned;
}

}  // namespace hhgrid::actors
