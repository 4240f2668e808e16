#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>

#include "actors/meter/meter.hpp"

namespace hhgrid::actors {

/// The meter actors that are in memory, by MPAN. States stand close together and stay where they
/// are while they are resident; a small index says where. So a meter that is wanted soon can be
/// fetched into the processor's caches in two steps, neither of which waits for memory.
class ResidentMeters {
 public:
  struct Resident {
    core::Mpan mpan = core::Mpan::unchecked(0);
    bool is_there = false;      ///< The place is taken.
    bool dirty = false;         ///< Differs from the store; written with the block's commit.
    bool recently_used = true;  ///< Since the last sweep.
    MeterState state;
  };

  ResidentMeters() = default;
  ResidentMeters(const ResidentMeters&) = delete;
  ResidentMeters& operator=(const ResidentMeters&) = delete;

  /// Null when it is not resident. Valid until the meter is dropped.
  Resident* find(core::Mpan mpan) const;
  /// Room for so many in the index, which grows by asking every resident meter for its MPAN.
  void reserve(std::size_t meters) { places_.reserve(meters); }
  /// Takes a meter that is not resident.
  Resident& add(core::Mpan mpan, MeterState state);
  /// Offers every resident meter; those for which `drop` is true go.
  template <class Drop>
  void sweep(Drop&& drop);

  std::size_t size() const { return places_.size(); }
  /// Beside the states' own bytes (MeterState::memory_bytes).
  std::size_t overhead_bytes() const;

  /// First step, some turns ahead: the index.
  void prefetch_place(core::Mpan mpan) const { places_.prefetch(mpan); }
  /// Second step, when the index has had time to arrive: the state. Tells whose state it fetches,
  /// which may be another's; null when the meter is not resident.
  const Resident* prefetch_state(core::Mpan mpan) const;

 private:
  static constexpr std::size_t chunk_size = 1024;
  enum class Place : std::uint32_t {};
  /// A meter that is to be fetched. It is equal to none: who the index says it may be is fetched
  /// and not asked, since that would wait for memory.
  struct Wanted {
    core::Mpan mpan;
    const Resident** likely;
  };
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): absl looks for it
    const ResidentMeters* meters;

    std::size_t operator()(core::Mpan mpan) const { return absl::HashOf(mpan); }
    std::size_t operator()(Wanted wanted) const { return absl::HashOf(wanted.mpan); }
    std::size_t operator()(Place place) const { return absl::HashOf(meters->at(place).mpan); }
  };
  struct Equal {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): absl looks for it
    const ResidentMeters* meters;

    bool operator()(Place a, Place b) const { return meters->at(a).mpan == meters->at(b).mpan; }
    bool operator()(Place place, core::Mpan mpan) const { return meters->at(place).mpan == mpan; }
    bool operator()(Place place, Wanted wanted) const;
  };

  Resident& at(Place place) const {
    const auto number = static_cast<std::uint32_t>(place);
    return chunks_[number / chunk_size][number % chunk_size];
  }

  std::vector<std::unique_ptr<Resident[]>> chunks_;
  /// Four bytes a meter, so what is probed stands in a cache line or two: the MPANs stand with the
  /// states.
  absl::flat_hash_set<Place, Hash, Equal> places_{0, Hash{this}, Equal{this}};
  std::vector<Place> free_;  // the next one last
};

template <class Drop>
void ResidentMeters::sweep(Drop&& drop) {
  for (std::size_t number = 0; number < chunks_.size() * chunk_size; ++number) {
    const Place place{static_cast<std::uint32_t>(number)};
    Resident& resident = at(place);
    if (!resident.is_there || !drop(resident)) continue;
    places_.erase(place);
    std::destroy_at(&resident);
    std::construct_at(&resident);
    free_.push_back(place);
  }
}

}  // namespace hhgrid::actors
