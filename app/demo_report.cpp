#include "app/demo_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "app/run_report.hpp"
#include "app/table.hpp"
#include "net/tables/group_stores.hpp"
#include "net/tables/run_change.hpp"
#include "net/tables/run_summary.hpp"

namespace hhgrid::app {
namespace {

using actors::RunInfo;

constexpr std::size_t meters_shown = 10;

Table::Cell number(std::string text) { return Table::Cell::of_number(std::move(text)); }

/// MWh with a sign, as changes are shown.
std::string change_text(core::WattHours energy_wh, int places) {
  return (energy_wh > 0 ? "+" : "") + mwh_text(energy_wh, places);
}

struct Volume {
  core::WattHours import_wh = 0, export_wh = 0;
  core::WattHours allocated_wh() const { return import_wh - export_wh; }
};
using UnitKey = std::tuple<std::string, std::string, std::string>;  // GSP Group, supplier, unit
using Volumes = std::map<UnitKey, Volume>;

Result<Volumes> volumes_of(const actors::Grid& grid, const RunInfo& run) {
  Volumes volumes;
  const auto read =
      net::for_each_group(grid.stores(), [&](const actors::View& view, core::GspGroup group) {
        return actors::for_each_bmu_volume(view, run, group, [&](const actors::BmuVolumeRow& row) {
          auto& volume = volumes[{row.gsp_group.to_string(), row.volume.supplier.to_string(),
                                  row.volume.bmu.to_string()}];
          for (const auto energy : row.volume.import_wh) volume.import_wh += energy;
          for (const auto energy : row.volume.export_wh) volume.export_wh += energy;
          return true;
        });
      });
  if (!read) return fail(read.error());
  return volumes;
}

}  // namespace

Result<std::string> bmu_table(const Context& context, const actors::Grid& grid,
                              const RunInfo& before, const RunInfo& after) {
  const auto first = volumes_of(grid, before), second = volumes_of(grid, after);
  if (!first) return tl::unexpected(first.error());
  if (!second) return tl::unexpected(second.error());
  const std::string a(core::to_string(before.code)), b(core::to_string(after.code));
  Table table({"group", "supplier", "BMU", "import " + b, "export " + b, "allocated " + a,
               "allocated " + b, "change"});
  Volumes all = *second;
  all.insert(first->begin(), first->end());
  Volume sum_before, sum_after;
  const auto volume_in = [](const Volumes& volumes, const UnitKey& key) {
    const auto found = volumes.find(key);
    return found == volumes.end() ? Volume{} : found->second;
  };
  for (const auto& [key, none] : all) {
    const Volume was = volume_in(*first, key), is = volume_in(*second, key);
    sum_before.import_wh += was.allocated_wh();
    sum_after.import_wh += is.import_wh;
    sum_after.export_wh += is.export_wh;
    table.row({std::get<0>(key), std::get<1>(key), std::get<2>(key),
               number(mwh_text(is.import_wh, 3)), number(mwh_text(is.export_wh, 3)),
               number(mwh_text(was.allocated_wh(), 3)), number(mwh_text(is.allocated_wh(), 3)),
               number(change_text(is.allocated_wh() - was.allocated_wh(), 3))});
  }
  table.row({"all", "", "", number(mwh_text(sum_after.import_wh, 3)),
             number(mwh_text(sum_after.export_wh, 3)), number(mwh_text(sum_before.import_wh, 3)),
             number(mwh_text(sum_after.allocated_wh(), 3)),
             number(change_text(sum_after.allocated_wh() - sum_before.import_wh, 3))});
  return table.text(context.out);
}

Result<std::string> factor_table(const Context& context, const actors::Grid& grid,
                                 const RunInfo& before, const RunInfo& after) {
  Table table({"group", "run", "take MWh", "metered MWh", "actual", "defaulted", "import min",
               "mean", "max", "export min", "mean", "max"});
  std::map<std::string, std::vector<std::vector<Table::Cell>>> rows;  // by group
  for (const RunInfo* run : {&before, &after}) {
    const auto summary = net::summarise_run(grid.stores(), grid.calendar(), *run);
    if (!summary) return fail(summary.error());
    for (const auto& group : summary->groups)
      rows[group.gsp_group].push_back(
          {group.gsp_group, core::to_string(run->code), number(mwh_text(group.group_take_wh, 1)),
           number(mwh_text(group.uncorrected_wh, 1)),
           number(share_text(group.actual_wh, group.consumption_wh)),
           number(share_text(group.defaulted_wh, group.consumption_wh)),
           number(factor_text(group.gcf_import_min)), number(factor_text(group.gcf_import_mean)),
           number(factor_text(group.gcf_import_max)), number(factor_text(group.gcf_export_min)),
           number(factor_text(group.gcf_export_mean)), number(factor_text(group.gcf_export_max))});
  }
  for (auto& [group, of_group] : rows)
    for (auto& row : of_group) table.row(std::move(row));
  return table.text(context.out);
}

Result<std::string> change_table(const Context& context, const actors::Grid& grid,
                                 const RunInfo& before, const RunInfo& after,
                                 std::string& busiest) {
  const auto changes = net::changes_between(grid.stores(), grid.calendar(), before, after);
  if (!changes) return fail(changes.error());
  const std::string a(core::to_string(before.code)), b(core::to_string(after.code));
  Table table({"meter", "quantity", a + " kWh", b + " kWh", "change", "because"});
  const auto kwh = [](core::WattHours energy_wh) { return mwh_text(energy_wh * 1000, 3); };
  for (std::size_t i = 0; i < std::min(meters_shown, changes->size()); ++i) {
    const net::MeterChange& change = (*changes)[i];
    const int defaulted = change.before.defaulted_periods - change.after.defaulted_periods;
    table.row({change.mpan.to_string(), core::to_string(change.quantity),
               number(kwh(change.before.energy_wh)), number(kwh(change.after.energy_wh)),
               number((change.change_wh() > 0 ? "+" : "") + kwh(change.change_wh())),
               defaulted > 0 ? fmt::format("{} defaulted half hours were read", defaulted)
                             : std::string("readings were corrected")});
  }
  if (changes->empty()) return std::string("  No meter's volume changed.\n");
  busiest = "meter/" + changes->front().mpan.to_string();
  return table.text(context.out) + fmt::format("  {} meters changed.\n", grouped(changes->size()));
}

}  // namespace hhgrid::app
