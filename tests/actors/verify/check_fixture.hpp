#pragma once

#include <gtest/gtest.h>

#include "actors/meter/versions.hpp"
#include "actors/verify/check.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {

inline constexpr core::Instant now{1'358'400'000'000};

/// A settled run over two partitions, and a value received after it.
class CheckStore : public testing::Test {
 protected:
  CheckStore() : grid_(2, {.minimum_sample = 3}) {
    grid_.append_standing(now, standing_entries(run_day - 2, run_day));
    for (std::uint64_t n = 0; n < 9; ++n) {
      grid_.append(
          meter_mpan(n), now,
          registration_entry(meter_mpan(n), run_day - 30, core::open_ended, terms_variant(0)));
      if (n == 0) continue;
      grid_.append(meter_mpan(n), now,
                   consumption_entry(meter_mpan(n), {run_day.value - 1}, 100, 0xffff));
      grid_.append(meter_mpan(n), now, consumption_entry(meter_mpan(n), {run_day.value}, 200));
    }
    run_ = grid_.request_run(run_day, cutoff, now);
    grid_.deliver();
    grid_.append(meter_mpan(5), now, consumption_entry(meter_mpan(5), {run_day.value + 1}, 300));
    partition_ = grid_.owner(meter_mpan(5));
  }

  CheckReport check() { return check_stores(grid_.stores(), FoldGrid::calendar(), 2); }

  /// True when the check finds damage in the family whose cause holds the text.
  testing::AssertionResult finds(storage::Family family, std::string_view cause) {
    const auto report = check();
    for (const auto& d : report.damage)
      if (d.family == storage::to_string(family) && d.cause.find(cause) != std::string::npos)
        return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure() << report.damage_count << " damages:";
    for (const auto& d : report.damage)
      failure << "\n  " << d.family << " " << d.key << ": " << d.cause;
    return failure;
  }

  /// The first record of a family whose key begins with `prefix`.
  std::pair<std::string, std::string> first(storage::PartitionId partition, storage::Family family,
                                            std::string_view prefix = {}) {
    const auto records = grid_.records(partition, family, prefix);
    EXPECT_FALSE(records.empty());
    return *records.begin();
  }
  void put(storage::Family family, std::string_view key, std::string_view value) {
    grid_.tamper(partition_, family, key, value);
  }
  static std::string bytes_of(const Entry& entry) {
    const auto bytes = entry.asBytes();
    return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
  }
  static std::string version_of_meter_5(core::UtcDay day) {
    return version_prefix(day, meter_mpan(5), core::MeasurementQuantity::active_import);
  }

  FoldGrid grid_;
  std::uint32_t run_ = 0;
  storage::PartitionId partition_ = 0;
};

}  // namespace hhgrid::actors::test
