#pragma once

#include <functional>
#include <span>
#include <vector>

#include "actors/meter/presence.hpp"
#include "actors/meter/version_record.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// Reads the versions of single meter-days, also those that the block being applied has brought.
/// Cheapest in the order of UTC days.
class VersionReader {
 public:
  /// Adds what the block has brought of a meter-day and is not in the store yet, in order of keys.
  using InBlock = std::function<void(const Presence::Key& key, core::Mpan mpan,
                                     std::vector<StoredVersion>& out)>;
  /// The store must outlive the reader.
  VersionReader(const storage::Store& store, InBlock in_block)
      : cursor_(store, storage::Family::consumption),
        where_(store.path().string()),
        in_block_(std::move(in_block)) {}

  /// In the order of their keys. Valid until the next call. Throws StoreFailure.
  std::span<const StoredVersion> versions(const Presence::Key& key, core::Mpan mpan);

 private:
  storage::Store::Cursor cursor_;
  std::string where_;
  InBlock in_block_;
  std::vector<StoredVersion> versions_;
};

}  // namespace hhgrid::actors
