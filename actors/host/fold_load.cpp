#include <fmt/format.h>

#include "actors/host/fold.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::Family;

tl::expected<void, Error> Fold::load() {
  if (auto loaded = load_meta(); !loaded) return loaded;
  store_.loaded(block_);
  if (auto loaded = outbox_.load(store_); !loaded) return loaded;
  if (auto loaded = participants_.load(store_); !loaded) return loaded;
  if (auto loaded = load_dead_letters(); !loaded) return loaded;
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
    if (grid != identity_.grid)
      return Error{
          Errc::foreign,
          fmt::format(
              "{}: belongs to grid {:016x}{:016x}, the journal is of grid {:016x}{:016x}; put back "
              "the partition's own store",
              where, grid.high, grid.low, identity_.grid.high, identity_.grid.low)};
    if (meta.getRuleSet() > core::newest_rule_set)
      return Error{Errc::newer_format,
                   fmt::format("{}: folds by rule set {}, this program knows {} to {}", where,
                               meta.getRuleSet(), core::first_rule_set, core::newest_rule_set)};
    if (meta.getRuleSet() < core::first_rule_set)
      return Error{Errc::damaged, fmt::format("{}: folds by no rule set", where)};
    rule_set_ = meta.getRuleSet();
    block_ = meta.getBlock();
    journal_ = {meta.getJournalIdHigh(), meta.getJournalIdLow()};
    digest_ = meta.getDigest();
    dropped_ = {meta.getRepeatedBlocks(), meta.getEarlyBlocks()};
    read_meta(meta);
    return std::nullopt;
  });
  if (!read) return tl::unexpected(read.error());
  if (*read) return tl::unexpected(**read);
  return {};
}

tl::expected<void, Error> Fold::load_dead_letters() {
  return store_.scan(Family::dead_letter, {}, {}, [&](std::string_view, std::string_view) {
    ++dead_letters_;
    return true;
  });
}

}  // namespace hhgrid::actors
