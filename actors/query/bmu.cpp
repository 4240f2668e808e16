#include "actors/query/bmu.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace hhgrid::actors {
namespace {

core::PeriodEnergy minus(core::PeriodEnergy a, const core::PeriodEnergy& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

}  // namespace

tl::expected<std::vector<BmuRunVolume>, storage::Error> bmu_view(const View& view,
                                                                 const core::BmuId& bmu,
                                                                 core::SettlementDay day) {
  const auto runs = runs_of_day(view, day);
  if (!runs) return tl::unexpected(runs.error());
  std::map<std::pair<core::GspGroup, core::SupplierId>, std::vector<BmuRunVolume>> histories;
  for (const RunInfo& run : *runs) {
    const auto read = for_each_bmu_volume(view, run.number, [&](const BmuVolumeRow& row) {
      if (row.volume.bmu != bmu) return true;
      auto& history = histories[{row.gsp_group, row.volume.supplier}];
      BmuRunVolume entry{
          run, row.gsp_group, row.volume, minus(row.volume.import_wh, row.volume.export_wh), {}};
      if (!history.empty())
        entry.change_wh = minus(entry.allocated_wh, history.back().allocated_wh);
      history.push_back(std::move(entry));
      return true;
    });
    if (!read) return tl::unexpected(read.error());
  }
  std::vector<BmuRunVolume> entries;
  for (auto& [key, history] : histories)
    for (auto& entry : history) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace hhgrid::actors
