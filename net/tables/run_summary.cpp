#include "net/tables/run_summary.hpp"

#include <algorithm>
#include <limits>

#include "core/decimal.hpp"
#include "net/tables/group_stores.hpp"

namespace hhgrid::net {
namespace {

using Groups = std::map<core::GspGroup, GroupSummary>;

core::WattHours sum(const core::PeriodEnergy& energy) {
  core::WattHours total = 0;
  for (const auto value : energy) total += value;
  return total;
}

struct Spread {
  std::int64_t min = 0, mean = 0, max = 0;
};

Spread spread(const core::PeriodEnergy& factors, int periods) {
  Spread result{std::numeric_limits<std::int64_t>::max(), 0,
                std::numeric_limits<std::int64_t>::min()};
  core::Int128 total = 0;
  for (int i = 0; i < periods; ++i) {
    const auto factor = factors[static_cast<std::size_t>(i)];
    result.min = std::min(result.min, factor);
    result.max = std::max(result.max, factor);
    total += factor;
  }
  result.mean = static_cast<std::int64_t>(core::round_half_away(total, periods));
  return result;
}

void take_factors(const actors::FactorRow& row, int periods, GroupSummary& group) {
  group.group_take_wh = sum(row.group_take_wh);
  group.uncorrected_wh = sum(row.uncorrected_wh);
  const Spread import_factor = spread(row.gcf_import, periods),
               export_factor = spread(row.gcf_export, periods);
  group.gcf_import_min = import_factor.min;
  group.gcf_import_mean = import_factor.mean;
  group.gcf_import_max = import_factor.max;
  group.gcf_export_min = export_factor.min;
  group.gcf_export_mean = export_factor.mean;
  group.gcf_export_max = export_factor.max;
}

void take_component(const core::Component& component, GroupSummary& group) {
  ++group.components;
  if (component.indicator != core::Indicator::consumption) return;
  group.consumption_wh += sum(component.uncorrected_wh);
  group.actual_wh += sum(component.actual_wh);
  group.defaulted_wh += sum(component.defaulted_wh);
}

tl::expected<void, storage::Error> count_exceptions(const actors::View& market, std::uint32_t run,
                                                    RunSummary& summary) {
  return actors::for_each_exception(market, run, [&](const core::Exception& exception) {
    ++summary.exceptions[exception.kind];
    return true;
  });
}

tl::expected<void, storage::Error> read_groups(const storage::StoreSet& stores, int periods,
                                               const actors::RunInfo& run, Groups& groups) {
  return for_each_group(stores, [&](const actors::View& view, core::GspGroup gsp_group) {
    auto done = actors::for_each_factor(view, run.number, [&](const actors::FactorRow& row) {
      take_factors(row, periods, groups[gsp_group]);
      return true;
    });
    if (!done || !groups.contains(gsp_group)) return done;
    GroupSummary& group = groups[gsp_group];
    done = actors::for_each_component(view, run.number, [&](const actors::ComponentRow& row) {
      take_component(row.component, group);
      return true;
    });
    if (!done) return done;
    return actors::for_each_bmu_volume(view, run, gsp_group, [&](const actors::BmuVolumeRow& row) {
      ++group.bmus;
      group.import_wh += sum(row.volume.import_wh);
      group.export_wh += sum(row.volume.export_wh);
      return true;
    });
  });
}

}  // namespace

tl::expected<RunSummary, storage::Error> summarise_run(const storage::StoreSet& stores,
                                                       const core::SettlementCalendar& calendar,
                                                       const actors::RunInfo& run) {
  RunSummary summary;
  if (auto counted = count_exceptions(actors::View(stores.market()), run.number, summary); !counted)
    return tl::unexpected(counted.error());
  if (!has_results(run)) return summary;
  Groups groups;
  if (auto read = read_groups(stores, calendar.period_count(run.day), run, groups); !read)
    return tl::unexpected(read.error());
  for (auto& [id, group] : groups) {
    group.gsp_group = id.to_string();
    summary.groups.push_back(std::move(group));
  }
  return summary;
}

}  // namespace hhgrid::net
