#include "actors/query/gsp_group_view.hpp"

#include <optional>
#include <utility>

namespace hhgrid::actors {
namespace {

/// Nothing when the run did not settle the group.
tl::expected<std::optional<GspGroupRunView>, storage::Error> view_of_run(const View& view,
                                                                         const RunInfo& run,
                                                                         core::GspGroup gsp_group) {
  GspGroupRunView result{run, {}, 0, 0, {}};
  bool settled = false;
  auto read = for_each_factor(view, run.number, [&](const FactorRow& row) {
    if (row.gsp_group != gsp_group) return true;
    result.factors = row;
    settled = true;
    return false;
  });
  if (!read) return tl::unexpected(read.error());
  if (!settled) return std::nullopt;
  read = for_each_component(view, run.number, [&](const ComponentRow& row) {
    if (row.gsp_group != gsp_group) return row.gsp_group < gsp_group;
    ++result.component_count;
    if (row.component.indicator == core::Indicator::consumption)
      result.msid_count += row.component.msid_count;
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  read = for_each_bmu_volume(view, run.number, [&](const BmuVolumeRow& row) {
    if (row.gsp_group == gsp_group) result.bmus.push_back(row.volume);
    return row.gsp_group <= gsp_group;
  });
  if (!read) return tl::unexpected(read.error());
  return result;
}

}  // namespace

tl::expected<std::vector<GspGroupRunView>, storage::Error> gsp_group_view(const View& view,
                                                                          core::GspGroup gsp_group,
                                                                          core::SettlementDay day) {
  const auto runs = runs_of_day(view, day);
  if (!runs) return tl::unexpected(runs.error());
  std::vector<GspGroupRunView> entries;
  for (const RunInfo& run : *runs) {
    auto entry = view_of_run(view, run, gsp_group);
    if (!entry) return tl::unexpected(entry.error());
    if (*entry) entries.push_back(std::move(**entry));
  }
  return entries;
}

}  // namespace hhgrid::actors
