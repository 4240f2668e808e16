#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include <capnp/list.h>

#include "actors/host/fold.hpp"
#include "core/allocation/settle.hpp"
#include "core/load_shape/shape.hpp"
#include "core/types.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::actors {

// Checked conversions between the messages that partitions exchange and the types of `core`.
// Reading trusts nothing: what is no value is a TurnFailure whose text names the field and the
// value.

/// Sums of a load-shape group on a UTC day, or a change of them.
struct GroupDaySums {
  core::ShapeGroup group;
  core::UtcDay day;
  core::ShapeSums sums;
};

using ShapeSumsByGroup = std::map<core::ShapeGroup, core::ShapeSums>;
using ShapeSumsByDay = std::map<core::UtcDay, ShapeSumsByGroup>;

/// The load shape of a group on a UTC day.
struct GroupDayShape {
  core::ShapeGroup group;
  core::UtcDay day;
  core::Shape shape;
};

/// The largest magnitude of an energy in a message: far above what a national grid takes in half an
/// hour, and low enough that thousands of them add up without overflow.
inline constexpr core::WattHours message_energy_max = 1'000'000'000'000'000;

/// Throws the TurnFailure "<field> has the value <value>, which <rule>".
[[noreturn]] void refuse_field(std::string_view field, std::string_view value,
                               std::string_view rule);

/// An enumeration's value. `count` is how many it has.
template <class E>
E read_enumeration(std::string_view field, std::uint8_t value, int count) {
  if (value >= count) refuse_field(field, std::to_string(value), "is no known number");
  return static_cast<E>(value);
}

core::SettlementCode read_settlement_code(std::uint8_t value);
/// A settlement or UTC day that the settlement calendar covers.
std::int32_t read_day(std::string_view field, std::int32_t value);

core::Terms read_terms(schema::Terms::Reader in);

core::ShapeGroup read_group(schema::GroupKey::Reader in);
void write_group(const core::ShapeGroup& group, schema::GroupKey::Builder out);

GroupDaySums read_shape_sums(schema::ShapeSums::Reader in);
void write_shape_sums(const GroupDaySums& sums, schema::ShapeSums::Builder out);

core::ShapeFlag read_shape_flag(std::uint8_t letter);
GroupDayShape read_shape_values(schema::ShapeValues::Reader in);
void write_shape_values(const GroupDayShape& shape, schema::ShapeValues::Builder out);

/// A whole number of a policy, within its limits.
int read_limited(std::string_view field, std::uint32_t value, std::uint32_t least,
                 std::uint32_t greatest);
core::OffPeakWindow read_off_peak(std::uint8_t first, std::uint8_t last);
std::map<core::GspGroup, core::OffPeakWindow> read_off_peak_of(
    capnp::List<schema::GroupOffPeak>::Reader in);
void write_off_peak_of(const std::map<core::GspGroup, core::OffPeakWindow>& windows,
                       capnp::List<schema::GroupOffPeak>::Builder out);

/// The policy of load shapes in a run's order or record, and back.
template <class Reader>
core::ShapePolicy read_shape_policy(Reader in) {
  return {read_limited("minimumSample", in.getMinimumSample(), 1, 1'000'000),
          read_limited("likeDaysMax", in.getLikeDaysMax(), 0, core::like_days_limit),
          read_off_peak(in.getOffPeakFirst(), in.getOffPeakLast()),
          read_off_peak_of(in.getOffPeakOf())};
}
template <class Builder>
void write_shape_policy(const core::ShapePolicy& policy, Builder out) {
  out.setMinimumSample(static_cast<std::uint32_t>(policy.minimum_sample));
  out.setLikeDaysMax(static_cast<std::uint32_t>(policy.like_days_max));
  out.setOffPeakFirst(static_cast<std::uint8_t>(policy.off_peak.first));
  out.setOffPeakLast(static_cast<std::uint8_t>(policy.off_peak.last));
  if (!policy.off_peak_of.empty())
    write_off_peak_of(policy.off_peak_of,
                      out.initOffPeakOf(static_cast<unsigned>(policy.off_peak_of.size())));
}

core::Exception read_exception(schema::RunException::Reader in);
void write_exception(const core::Exception& exception, schema::RunException::Builder out);

// -- lists by period ----------------------------------------------------------------------------
// Trailing zeros may be left out; an empty list is all zero. Longer than the array is a failure.

core::PeriodEnergy read_period_energy(std::string_view field, capnp::List<std::int64_t>::Reader in);
/// The same for what the grid has stored itself, of any size: corrected energy and factors may be
/// large.
core::PeriodEnergy read_stored_energy(std::string_view field, capnp::List<std::int64_t>::Reader in);
/// How many values are left when the trailing zeros are cut.
template <class Array>
unsigned trimmed_size(const Array& values) {
  auto size = static_cast<unsigned>(values.size());
  while (size > 0 && values[size - 1] == 0) --size;
  return size;
}

/// `init(n)` makes the list: `write_trimmed(sums, [&](unsigned n) { return out.initEnergyWh(n);
/// })`. Nothing is made of zeros.
template <class Array, class Init>
void write_trimmed(const Array& values, Init&& init) {
  const unsigned size = trimmed_size(values);
  if (size == 0) return;
  auto list = init(size);
  for (unsigned i = 0; i < size; ++i) list.set(i, values[i]);
}

}  // namespace hhgrid::actors
