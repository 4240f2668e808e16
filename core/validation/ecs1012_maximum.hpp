#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/meter_day.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// The most that a meter of each connection type can take in half an hour, in Wh, in the order of
/// ConnectionType: W L H E U. The market's own table is not public; these follow from the
/// connection: W is 3 x 100 A x 253 V. They stand where the settings (`[consumption_limits]`) say
/// nothing; what a partition judges by comes to it as an entry.
struct MaximumEnergy {
  std::array<WattHours, 5> by_connection{38'000, 600'000, 50'000'000, 400'000'000, 1'000'000};

  WattHours of(ConnectionType connection) const {
    return by_connection[static_cast<std::size_t>(connection)];
  }
  friend bool operator==(const MaximumEnergy&, const MaximumEnergy&) = default;
};

/// A meter's own limit of some half hours of a day, in place of that of its connection.
struct OwnMaximum {
  std::uint64_t periods = 0;
  WattHours maximum = 0;
  friend bool operator==(const OwnMaximum&, const OwnMaximum&) = default;
};

/// ECS1012: of the given half hours those with more energy than `maximum`. A meter that has nothing
/// to tell often sends the greatest number that its register holds, such as 16777.215 kWh.
std::uint64_t above_maximum_periods(const MeterDay& day, std::uint64_t periods, WattHours maximum);

}  // namespace hhgrid::core
