#include <map>
#include <random>
#include <tuple>

#include "actors/gsp/run_results.hpp"
#include "tests/actors/query/inspection_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using ComponentPeriod = std::tuple<std::string, int, int>;  // BM unit, class, settlement period
using Sums = std::map<ComponentPeriod, core::WattHours>;

/// What all meters together say of a run.
struct Parts {
  Sums uncorrected;  ///< Of the consumption components.
  Sums allocated;    ///< Of the BM units, class 0: corrected import less export, losses included.
};

/// Adds a meter's part of everything that a run made.
void add_parts(const FoldGrid& grid, core::Mpan mpan, core::SettlementDay day, std::uint32_t run,
               Parts& parts) {
  for (const auto& span : FoldGrid::calendar().spans_of(day)) {
    const Json told = inspect(grid, mpan, core::format_day(span.day.value));
    for (const Json& quantity : told.at("quantities")) {
      const Json use = find(quantity.at("runs").at("items"), "run_number", run);
      if (use.is_null() || use.at("registered") == false) continue;
      const std::string bmu = use.at("corrected_volume").at("bmu").get<std::string>().substr(4);
      const int ccc_id = use.at("corrected_volume").at("consumption_class").at("ccc_id");
      const int sign = quantity.at("measurement_quantity") == "AE" ? -1 : 1;
      for (const Json& period : use.at("periods")) {
        const int p = period.at("settlement_period");
        parts.uncorrected[{bmu, ccc_id, p}] += wh(period.at("kwh"));
        parts.allocated[{bmu, 0, p}] += sign * wh(period.at("corrected_kwh"));
      }
    }
  }
}

/// Visits the store of every GSP Group that has one.
tl::expected<void, storage::Error> each_group(
    const FoldGrid& grid,
    const std::function<tl::expected<void, storage::Error>(const View&, core::GspGroup)>& visit) {
  const auto stores = grid.stores();
  for (const auto id : stores.topology().all_gsp_groups()) {
    const auto* store = stores.find(id).value();
    if (store == nullptr) continue;
    const View view(*store);
    if (auto done = visit(view, stores.topology().gsp_group(id)); !done) return done;
  }
  return {};
}

/// Parts are rounded to be shown, components as sums.
void expect_near_allocated(const FoldGrid& grid, std::uint32_t run, const Sums& allocated,
                           core::WattHours tolerance_wh) {
  const auto info = grid.run_info(run);
  const auto read = each_group(grid, [&](const View& view, core::GspGroup group) {
    return for_each_bmu_volume(view, info, group, [&](const BmuVolumeRow& row) {
      for (int p = 1; p <= core::settlement_periods_max; ++p) {
        const auto i = static_cast<std::size_t>(p - 1);
        const auto part = allocated.find({row.volume.bmu.to_string(), 0, p});
        const core::WattHours told = part == allocated.end() ? 0 : part->second;
        EXPECT_NEAR(told, row.volume.import_wh[i] - row.volume.export_wh[i], tolerance_wh)
            << "run " << run << ", unit " << row.volume.bmu.to_string() << ", period " << p;
      }
      return true;
    });
  });
  EXPECT_TRUE(read.has_value());
}

Sums stored_sums(const FoldGrid& grid, std::uint32_t run) {
  Sums sums;
  const auto read = each_group(grid, [&](const View& view, core::GspGroup) {
    return for_each_component(view, run, [&](const ComponentRow& row) {
      if (row.component.indicator == core::Indicator::consumption)
        for (int p = 1; p <= core::settlement_periods_max; ++p)
          sums[{row.component.bmu.to_string(), row.component.ccc_id, p}] =
              row.component.uncorrected_wh[static_cast<std::size_t>(p - 1)];
      return true;
    });
  });
  EXPECT_TRUE(read.has_value());
  return sums;
}

void drop_zeros(Sums& sums) {
  std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
}

/// A summer day, so that it lies in two UTC days, with late versions, registrations and runs.
TEST(InspectRuns, ThePartsOfAllMetersMakeEveryComponentOfEveryRun) {
  const auto day = settlement_day("2013-07-01");
  constexpr std::uint64_t meters = 40;
  std::mt19937 random(7);
  const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  FoldGrid grid(3, {.minimum_sample = 2});
  grid.append_standing(monday, standing_entries(day - 3, day + 3));
  std::vector<std::uint32_t> runs;
  for (const auto round :
       {"2013-07-03T08:00:00Z", "2013-07-04T08:00:00Z", "2013-07-05T08:00:00Z"}) {
    const auto now = instant(round);
    for (std::uint64_t n = 0; n < meters; ++n) {
      const auto mpan = meter_mpan(n);
      if (runs.empty() || pick(6) == 0)
        grid.append(
            mpan, now,
            registration_entry(mpan, runs.empty() ? long_ago : day - static_cast<int>(pick(3)),
                               core::open_ended, terms_variant(pick(terms_variants))));
      if (pick(4) == 0)
        grid.append(mpan, now,
                    annual_consumption_entry(mpan, long_ago, 1'000'000 + pick(3'000'000)));
      for (const int back : {0, 1})
        if (pick(3) != 0)
          grid.append(mpan, now,
                      consumption_entry(mpan, core::UtcDay{day.value - back}, pick(2000),
                                        pick(2) == 0 ? core::all_periods_mask : 1 + random(),
                                        pick(3) == 0 ? core::MeasurementQuantity::active_export
                                                     : core::MeasurementQuantity::active_import));
    }
    runs.push_back(grid.request_run(day, now, now));
    grid.deliver();
  }
  runs.push_back(
      grid.request_run(day, instant("2013-07-03T08:00:00Z"), instant("2013-07-06T08:00:00Z")));
  grid.deliver();
  for (const auto run : runs) {
    ASSERT_NE(grid.run_info(run).status, RunStatus::REFUSED) << grid.run_info(run).reason;
    Parts parts;
    for (std::uint64_t n = 0; n < meters; ++n) add_parts(grid, meter_mpan(n), day, run, parts);
    Sums stored = stored_sums(grid, run);
    drop_zeros(parts.uncorrected);
    drop_zeros(stored);
    EXPECT_GT(stored.size(), 100u);
    EXPECT_EQ(parts.uncorrected, stored) << "run " << run;
    expect_near_allocated(grid, run, parts.allocated, 60);
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
