#include "app/run_summary.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "app/group_stores.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
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

}  // namespace

Result<std::vector<GroupSummary>> summarise_run(const actors::Grid& grid,
                                                const actors::RunInfo& run) {
  std::vector<GroupSummary> result;
  if (!has_results(run)) return result;
  const int periods = grid.calendar().period_count(run.day);
  Groups groups;
  const auto read = for_each_group(grid, [&](const actors::View& view, core::GspGroup gsp_group) {
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
  if (!read) return tl::unexpected(read.error());
  for (auto& [id, group] : groups) {
    group.gsp_group = id.to_string();
    result.push_back(std::move(group));
  }
  return result;
}

Result<std::string> exception_kinds(const actors::Grid& grid, const actors::RunInfo& run) {
  const actors::View view(grid.stores().market());
  std::map<std::string, std::size_t> kinds;
  const auto read =
      actors::for_each_exception(view, run.number, [&](const core::Exception& exception) {
        ++kinds[exception.kind];
        return true;
      });
  if (!read) return fail(read.error());
  std::string text;
  for (const auto& [kind, count] : kinds)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(count), kind);
  return text;
}

std::string share_text(core::WattHours part, core::WattHours whole) {
  if (whole == 0) return "-";
  const auto tenths =
      static_cast<std::int64_t>(core::round_half_away(core::Int128{part} * 1000, whole));
  return core::format_decimal(tenths, 1) + " %";
}

std::string factor_text(std::int64_t factor) {
  return core::format_decimal(static_cast<std::int64_t>(core::round_half_away(factor, 10'000)), 5);
}

std::string run_text(const Context& context, const actors::RunInfo& run,
                     const std::vector<GroupSummary>& groups, const std::string& exception_kinds) {
  const auto status = std::string(actors::to_string(run.status));
  const bool good = run.status == actors::RunStatus::PUBLISHED;
  std::string out = fmt::format("{}  {}\n", context.out.styled(run.id(), Style::bold),
                                context.out.styled(status, good ? Style::green : Style::red));
  // Why a run is held or refused is said by the error that goes with it.
  if (good && !run.reason.empty()) out += "  was held: " + run.reason + "\n";
  if (!groups.empty()) {
    Table table({"GSP Group", "BMUs", "take MWh", "import MWh", "export MWh", "actual", "estimated",
                 "defaulted", "GCF import", "GCF export"});
    const auto number = [](std::string text) { return Table::Cell::of_number(std::move(text)); };
    for (const auto& group : groups)
      table.row({group.gsp_group, group.bmus, number(mwh_text(group.group_take_wh, 3)),
                 number(mwh_text(group.import_wh, 3)), number(mwh_text(group.export_wh, 3)),
                 number(share_text(group.actual_wh, group.consumption_wh)),
                 number(share_text(group.consumption_wh - group.actual_wh - group.defaulted_wh,
                                   group.consumption_wh)),
                 number(share_text(group.defaulted_wh, group.consumption_wh)),
                 number(factor_text(group.gcf_import_mean)),
                 number(factor_text(group.gcf_export_mean))});
    out += table.text(context.out);
    out += "  Shares of the energy without losses; GCF: mean over the periods.\n";
  }
  if (!exception_kinds.empty())
    out +=
        fmt::format("  exceptions, {}: {}\n", exception_kinds,
                    hint("export exceptions --run " + run.id(), context.settings.data.directory));
  return out;
}

std::string run_json(const actors::RunInfo& run, const std::vector<GroupSummary>& groups) {
  JsonArray list;
  for (const auto& group : groups) {
    JsonObject object;
    object.text("gsp_group_id", group.gsp_group)
        .number("bmus", group.bmus)
        .number("components", group.components)
        .raw("group_take_mwh", core::format_decimal(group.group_take_wh, 6))
        .raw("uncorrected_mwh", core::format_decimal(group.uncorrected_wh, 6))
        .raw("import_mwh", core::format_decimal(group.import_wh, 6))
        .raw("export_mwh", core::format_decimal(group.export_wh, 6))
        .raw("gcf_import_min", core::format_decimal(group.gcf_import_min, 9))
        .raw("gcf_import_mean", core::format_decimal(group.gcf_import_mean, 9))
        .raw("gcf_import_max", core::format_decimal(group.gcf_import_max, 9))
        .raw("gcf_export_min", core::format_decimal(group.gcf_export_min, 9))
        .raw("gcf_export_mean", core::format_decimal(group.gcf_export_mean, 9))
        .raw("gcf_export_max", core::format_decimal(group.gcf_export_max, 9))
        .raw("consumption_mwh", core::format_decimal(group.consumption_wh, 6))
        .raw("actual_mwh", core::format_decimal(group.actual_wh, 6))
        .raw("defaulted_mwh", core::format_decimal(group.defaulted_wh, 6));
    list.raw(object.str());
  }
  JsonObject object;
  object.text("run_id", run.id())
      .number("run_number", run.number)
      .text("settlement_date", core::format_day(run.day.value))
      .text("settlement_code", core::to_string(run.code))
      .text("cutoff", core::format_instant(run.cutoff))
      .text("status", actors::to_string(run.status))
      .text("reason", run.reason)
      .number("exceptions", actors::exception_count(run))
      .raw("groups", list.str());
  return object.str();
}

}  // namespace hhgrid::app
