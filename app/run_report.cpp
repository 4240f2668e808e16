#include "app/run_report.hpp"

#include <fmt/format.h>

#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {

namespace {

/// How many there are of each kind.
std::string exception_kinds(const net::RunSummary& summary) {
  std::string text;
  for (const auto& [kind, count] : summary.exceptions)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(count), kind);
  return text;
}

}  // namespace

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
                     const net::RunSummary& summary) {
  const auto status = std::string(actors::to_string(run.status));
  const bool good = run.status == actors::RunStatus::PUBLISHED;
  std::string out = fmt::format("{}  {}\n", context.out.styled(run.id(), Style::bold),
                                context.out.styled(status, good ? Style::green : Style::red));
  // Why a run is held or refused is said by the error that goes with it.
  if (good && !run.reason.empty()) out += "  was held: " + run.reason + "\n";
  if (!summary.groups.empty()) {
    Table table({"GSP Group", "BMUs", "take MWh", "import MWh", "export MWh", "actual", "estimated",
                 "defaulted", "GCF import", "GCF export"});
    const auto number = [](std::string text) { return Table::Cell::of_number(std::move(text)); };
    for (const auto& group : summary.groups)
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
  if (!summary.exceptions.empty())
    out += fmt::format("  exceptions, {}: {}\n", exception_kinds(summary),
                       context.hint("export exceptions --run " + run.id()));
  return out;
}

std::string run_json(const actors::RunInfo& run, const net::RunSummary& summary) {
  JsonArray list;
  for (const auto& group : summary.groups) {
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
