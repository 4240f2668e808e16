#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "actors/meter/meter_partition.hpp"

namespace hhgrid::actors {

/// Meters whose turns come soon. What their turns need is fetched into the processor's caches in
/// steps, each when what the one before it has fetched is there: the place of the meter, its state,
/// its terms and their ledger row, the sums of that. Changes nothing.
class ExpectedMeters {
 public:
  /// Takes one more, and takes those that were told before it a step further.
  void expect(core::Mpan mpan, const MeterPartition& partition);
  /// Meters may be passivated from now on.
  void committed();

 private:
  struct Expected {
    core::Mpan mpan = core::Mpan::unchecked(0);
    const ResidentMeters::Resident* meter = nullptr;  // or who is fetched in its stead
  };
  static constexpr std::size_t count = 8;
  /// The terms of the meter that came so many before the last.
  std::optional<TermsId> terms_before(std::size_t n) const;

  std::array<Expected, count> expected_{};
  std::size_t next_ = 0;
};

}  // namespace hhgrid::actors
