#pragma once

#include <cstdint>
#include <tuple>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/version_key.hpp"
#include "actors/verify/check_report.hpp"

namespace hhgrid::actors {

struct MetaFacts;

/// Which meters each block has brought something about, by what is stored: as many and the sum of
/// their hashes, since a large store has very many.
class ArrivedMeters {
 public:
  struct Digest {
    std::uint32_t count = 0;
    std::uint64_t sum = 0;
    friend bool operator==(const Digest&, const Digest&) = default;
    void add(std::uint32_t meter);
  };

  /// The versions of a meter-day, one after the other in the order of their keys.
  void version(const VersionKey& key, std::uint32_t meter);
  /// A registration or annual consumption; those of a meter one after the other.
  void registered(storage::Position position, std::uint32_t meter);

  /// Compares with the notes that the partition keeps of its blocks.
  void check(Check& check, const MetaFacts& meta, const ReceivedTimes& received) const;

 private:
  using Day = std::tuple<storage::BlockNumber, std::int32_t, core::MeasurementQuantity>;
  absl::flat_hash_map<Day, Digest> days_;
  absl::flat_hash_map<storage::BlockNumber, Digest> registered_;
  VersionKey last_version_;
  std::pair<std::uint32_t, absl::flat_hash_set<storage::BlockNumber>> last_registered_;
};

}  // namespace hhgrid::actors
