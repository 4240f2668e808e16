#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "actors/grid/grid.hpp"
#include "core/calendar.hpp"
#include "storage/disk/directory_lock.hpp"
#include "storage/store/store.hpp"
#include "storage/store/store_set.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// A grid's stores, opened for reading alone: nothing is made, written or replayed, so that a copy
/// that cannot be written will do. Several processes may read it at once; none can open it as a
/// grid meanwhile.
class StoredGrid {
 public:
  /// Nothing when the directory holds no grid, or its stores do not hold all that its journal does,
  /// as after a crash: only a `Grid` can tell why, or apply the rest. Errors: in_use, foreign,
  /// damaged, newer_format, missing_family, limit, io.
  static tl::expected<std::unique_ptr<StoredGrid>, storage::Error> open(const GridOptions& options);

  /// A GSP Group that has taken nothing has none.
  storage::StoreSet stores() const;
  const core::SettlementCalendar& calendar() const { return calendar_; }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  StoredGrid(std::filesystem::path directory, storage::Topology topology,
             storage::DirectoryLock lock)
      : directory_(std::move(directory)),
        topology_(topology),
        lock_(std::move(lock)),
        calendar_(core::SettlementCalendar::europe_london()) {}
  /// False when a store is not there or is behind the journal. (Messages that wait in an outbox are
  /// part of what is stored.)
  tl::expected<bool, storage::Error> open_stores(const GridOptions& options,
                                                 const std::vector<storage::BlockNumber>& ends);

  std::filesystem::path directory_;
  storage::Topology topology_;
  storage::DirectoryLock lock_;
  core::SettlementCalendar calendar_;
  std::vector<std::unique_ptr<storage::Store>> stores_;  // by partition; null: there is none
};

}  // namespace hhgrid::actors
