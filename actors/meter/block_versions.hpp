#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/arrivals.hpp"
#include "actors/meter/effects.hpp"

namespace hhgrid::actors {

/// The versions that the block being applied has brought and the store does not have yet. Plain
/// ones stand as they came in the block, which outlives its commit.
class BlockVersions {
 public:
  /// `meter`: its number.
  void add(NewVersion& version, std::uint32_t meter);
  /// Adds those of a meter-day to `out`, which has those of the store, in order of their keys.
  /// Throws StoreFailure.
  void read(const Presence::Key& key, core::Mpan mpan, std::vector<StoredVersion>& out);
  /// Notes them as arrived, in the order in which they came.
  void note(Arrivals& arrivals) const;
  /// Puts them in the order of their keys, notes them, and forgets them.
  void write(storage::Commit& commit, Arrivals& arrivals);

 private:
  struct Pending {
    VersionKey key;
    const std::uint8_t* bytes = nullptr;  ///< Packed values of a plain version, else its record.
    std::uint32_t size = 0;
    std::uint32_t meter = 0;  ///< Its number.
    core::Quality quality{};
    bool plain = false;
  };
  static StoredVersion read_one(const Pending& pending);
  const std::vector<std::uint32_t>& of(const Presence::Key& key, core::Mpan mpan);

  std::vector<Pending> pending_;
  std::deque<std::string> records_;
  absl::flat_hash_map<std::pair<core::Mpan, std::uint64_t>, std::vector<std::uint32_t>>
      index_;  // made when it is asked for
  std::size_t indexed_ = 0;
};

}  // namespace hhgrid::actors
