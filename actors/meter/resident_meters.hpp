#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/meter.hpp"

namespace hhgrid::actors {

/// The meter actors that are in memory, by MPAN (13 digits as a number). States stand close
/// together and stay where they are while they are resident; a small index says where. So a meter
/// that is wanted soon can be fetched into the processor's caches in two steps that both hit.
class ResidentMeters {
 public:
  /// The MPAN of a place that is free.
  static constexpr std::uint64_t nobody = ~std::uint64_t{0};
  struct Resident {
    std::uint64_t mpan = nobody;
    bool dirty = false;  ///< Differs from the store; written with the block's commit.
    MeterState state;
  };

  /// Null when it is not resident. Valid until the meter is dropped.
  Resident* find(std::uint64_t mpan) const;
  /// Takes a meter that is not resident.
  Resident& add(std::uint64_t mpan, MeterState state);
  /// Offers every resident meter; those for which `drop` is true go.
  template <class Drop>
  void sweep(Drop&& drop);

  std::size_t size() const { return places_.size(); }
  /// Beside the states' own bytes (MeterState::memory_bytes).
  std::size_t overhead_bytes() const;

  /// First step, some turns ahead: the index.
  void prefetch_place(std::uint64_t mpan) const { places_.prefetch(mpan); }
  /// Second step, when the index has had time to arrive: the state. Null when it is not resident.
  const Resident* prefetch_state(std::uint64_t mpan) const;

 private:
  static constexpr std::size_t chunk_size = 1024;
  Resident& at(std::uint32_t place) const {
    return chunks_[place / chunk_size][place % chunk_size];
  }

  absl::flat_hash_map<std::uint64_t, std::uint32_t> places_;
  std::vector<std::unique_ptr<Resident[]>> chunks_;
  std::vector<std::uint32_t> free_;  // places, the next one last
};

template <class Drop>
void ResidentMeters::sweep(Drop&& drop) {
  for (std::size_t place = 0; place < chunks_.size() * chunk_size; ++place) {
    Resident& resident = at(static_cast<std::uint32_t>(place));
    if (resident.mpan == nobody || !drop(resident)) continue;
    places_.erase(resident.mpan);
    std::destroy_at(&resident);
    std::construct_at(&resident);
    free_.push_back(static_cast<std::uint32_t>(place));
  }
}

}  // namespace hhgrid::actors
