#include "app/ingest_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/table.hpp"

namespace hhgrid::app {

tl::expected<EntryCounts, storage::Error> count_entries(net::GridService& grid) {
  const auto partitions = grid.status();
  if (!partitions) return tl::unexpected(partitions.error());
  EntryCounts counts;
  for (const auto& partition : *partitions) {
    counts.accepted += partition.accepted;
    counts.unchanged += partition.unchanged;
    counts.dead_letters += partition.dead_letters;
    counts.unregistered += partition.unregistered;
    counts.not_registered += partition.not_registered;
    counts.refused_periods += partition.refused_periods;
    counts.refused_registrations += partition.refused_registrations;
    counts.refused_annual_consumptions += partition.refused_annual_consumptions;
    counts.refused_registers += partition.refused_registers;
    counts.refused_rows += partition.refused_rows;
  }
  return counts;
}

namespace {

std::map<std::string, std::uint64_t> rejected_by_reason(const net::IngestSummary& summary) {
  std::map<std::string, std::uint64_t> reasons;
  for (const auto& file : summary.files)
    for (const auto& [reason, count] : file.rejected_by_reason) reasons[reason] += count;
  return reasons;
}

/// For each reason its first place in the first file that has it.
std::map<std::string, std::string> first_places(const net::IngestSummary& summary) {
  std::map<std::string, std::string> places;
  for (const auto& file : summary.files)
    for (const auto& [reason, first] : file.first_by_reason)
      places.try_emplace(reason, file.name + ", " + first.described());
  return places;
}

/// So many files that were passed over are named to people; JSON names them all.
constexpr std::size_t passed_over_told_max = 20;

std::string passed_over_text(const net::IngestSummary& summary) {
  std::string out;
  const auto& all = summary.passed_over;
  for (std::size_t i = 0; i < std::min(all.size(), passed_over_told_max); ++i)
    out += fmt::format("passed over: {}: {}\n", all[i].name, all[i].reason);
  if (all.size() > passed_over_told_max)
    out += fmt::format("passed over: {} more\n", grouped(all.size() - passed_over_told_max));
  for (const auto& file : summary.files)
    if (!file.unread_columns.empty())
      out += fmt::format("passed over: {}: columns of which this version makes nothing: {}\n",
                         file.name, fmt::join(file.unread_columns, ", "));
  for (const auto& file : summary.files)
    if (file.empty_lines > 0)
      out +=
          fmt::format("passed over: {}: empty lines: {}\n", file.name, grouped(file.empty_lines));
  return out;
}

std::string passed_over_json(const net::IngestSummary& summary) {
  JsonArray list;
  for (const auto& passed : summary.passed_over)
    list.raw(JsonObject().text("file", passed.name).text("reason", passed.reason).str());
  return list.str();
}

std::string reasons_json(const std::map<std::string, std::uint64_t>& reasons) {
  JsonObject object;
  for (const auto& [reason, count] : reasons) object.number(reason, count);
  return object.str();
}

std::string names_json(const std::vector<std::string_view>& names) {
  JsonArray list;
  for (const auto name : names) list.text(name);
  return list.str();
}

std::string rejection_json(const net::Rejection& rejection) {
  JsonObject object;
  object.number("line", rejection.line);
  if (!rejection.error.column.empty())
    object.text("column", rejection.error.column).text("value", rejection.error.value);
  object.text("reason", rejection.error.reason).text("text", rejection.error.text);
  return object.str();
}

std::string file_json(const net::FileSummary& file) {
  JsonObject object;
  object.text("file", file.name);
  if (file.kind) object.text("kind", net::to_string(*file.kind));
  object.number("rows_read", file.rows_read)
      .number("rows_accepted", file.rows_accepted)
      .number("rows_rejected", file.rows_rejected)
      .number("empty_lines", file.empty_lines)
      .raw("unread_columns", names_json(file.unread_columns))
      .raw("rejected_by_reason", reasons_json(file.rejected_by_reason));
  if (!file.rejected_file.empty()) object.text("rejected_file", file.rejected_file.string());
  if (file.error) object.text("error", file.error->text);
  JsonArray rejections;
  for (const auto& rejection : file.rejections) rejections.raw(rejection_json(rejection));
  object.raw("first_rejections", rejections.str());
  JsonObject first_by_reason;
  for (const auto& [reason, first] : file.first_by_reason)
    first_by_reason.raw(reason, rejection_json(first));
  object.raw("first_by_reason", first_by_reason.str());
  return object.str();
}

}  // namespace

ExitCode IngestReport::exit_code() const {
  if (not_stored) return not_stored->code;
  for (const auto& file : summary.files)
    if (file.error && file.error->code == net::IngestErrc::not_written) return ExitCode::unwritten;
  if (!summary.complete() || after.dead_letters > before.dead_letters || refused_periods() > 0 ||
      refused_registrations() > 0 || refused_annual_consumptions() > 0 || refused_registers() > 0 ||
      refused_rows() > 0)
    return ExitCode::input_refused;
  return ExitCode::done;
}

/// Everything that went wrong, a sentence each; bad rows are in the summary and not here.
std::vector<std::string> IngestReport::errors() const {
  std::vector<std::string> texts;
  const bool good_rows_loaded = !summary.error && !not_stored;
  for (const auto& file : summary.files) {
    if (!file.error) continue;
    texts.push_back(file.error->text);
    const bool cut = file.error->code == net::IngestErrc::unreadable ||
                     file.error->code == net::IngestErrc::too_many_rejected;
    if (cut && file.rows_accepted > 0 && good_rows_loaded)
      texts.back() +=
          fmt::format(". The {} good rows before that are loaded", grouped(file.rows_accepted));
  }
  // What the store said is told once, with what to do about it.
  const bool told =
      not_stored && summary.error && summary.error->code == net::IngestErrc::not_stored;
  if (summary.error && !told) texts.push_back(summary.error->text);
  if (not_stored) texts.push_back("Not everything was loaded: " + not_stored->text);
  return texts;
}

std::uint64_t IngestReport::unregistered() const {
  return after.unregistered - before.unregistered;
}
std::uint64_t IngestReport::not_registered() const {
  return after.not_registered - before.not_registered;
}
std::uint64_t IngestReport::refused_periods() const {
  return after.refused_periods - before.refused_periods;
}
std::uint64_t IngestReport::refused_registrations() const {
  return after.refused_registrations - before.refused_registrations;
}

std::uint64_t IngestReport::refused_annual_consumptions() const {
  return after.refused_annual_consumptions - before.refused_annual_consumptions;
}
std::uint64_t IngestReport::refused_registers() const {
  return after.refused_registers - before.refused_registers;
}
std::uint64_t IngestReport::refused_rows() const {
  return after.refused_rows - before.refused_rows;
}

std::string IngestReport::json() const {
  JsonObject object;
  object.number("rows_read", summary.rows_read())
      .number("rows_accepted", summary.rows_accepted())
      .number("rows_rejected", summary.rows_rejected())
      .number("entries_accepted", after.accepted - before.accepted)
      .number("entries_unchanged", after.unchanged - before.unchanged)
      .number("entries_unregistered", unregistered())
      .number("entries_not_registered", not_registered())
      .number("half_hours_refused", refused_periods())
      .number("registrations_refused", refused_registrations())
      .number("annual_consumptions_refused", refused_annual_consumptions())
      .number("registers_refused", refused_registers())
      .number("standing_rows_refused", refused_rows())
      .number("dead_letters", after.dead_letters - before.dead_letters)
      .raw("seconds", fmt::format("{:.3f}", seconds))
      .raw("rejected_by_reason", reasons_json(rejected_by_reason(summary)));
  JsonArray files;
  for (const auto& file : summary.files) files.raw(file_json(file));
  object.raw("files", files.str()).raw("passed_over", passed_over_json(summary));
  return object.str() + "\n";
}

std::string IngestReport::text(const Context& context) const {
  std::string out = passed_over_text(summary);
  for (const auto& file : summary.files)
    if (!file.rejected_file.empty())
      out +=
          fmt::format("{}: the rejected rows are in {}\n", file.name, file.rejected_file.string());
  // Of --strict nothing was loaded: good rows are no more than that.
  const bool refused = summary.error && summary.error->code == net::IngestErrc::refused;
  Table table({"file", "rows read", refused ? "good" : "accepted", "rejected"});
  const auto count = [](std::uint64_t number) { return Table::Cell::of_number(grouped(number)); };
  for (const auto& file : summary.files)
    table.row(
        {file.name, count(file.rows_read), count(file.rows_accepted), count(file.rows_rejected)});
  if (summary.files.size() > 1)
    table.row({"all", count(summary.rows_read()), count(summary.rows_accepted()),
               count(summary.rows_rejected())});
  out += table.text(context.out);
  const auto places = first_places(summary);
  for (const auto& [reason, times] : rejected_by_reason(summary))
    out +=
        fmt::format("  rejected, {}: {}, first in {}\n", reason, grouped(times), places.at(reason));
  out += fmt::format(
      "{} entries accepted, {} unchanged, {} dead letters, in {:.1f} s ({} rows/s)\n",
      grouped(after.accepted - before.accepted), grouped(after.unchanged - before.unchanged),
      grouped(after.dead_letters - before.dead_letters), seconds,
      grouped(static_cast<std::uint64_t>(static_cast<double>(summary.rows_accepted()) /
                                         std::max(seconds, 1e-3))));
  if (after.dead_letters > before.dead_letters)
    out += fmt::format("Some entries have become dead letters: {} says why.\n",
                       context.hint("dead-letters list"));
  if (refused_periods() > 0)
    out += fmt::format("{} half hours are refused by the market's rules: {} says why.\n",
                       grouped(refused_periods()), context.hint("export refusals"));
  if (refused_registrations() > 0)
    out += fmt::format(
        "{} registrations are refused (ECS1006): their delivery says two things of one meter and "
        "effective_from. Which: {}\n",
        grouped(refused_registrations()), context.hint("export refusals"));
  if (refused_annual_consumptions() > 0)
    out += fmt::format(
        "{} annual consumptions are refused (ECS1006): their delivery says two things of one meter "
        "and effective_from. Which: {}\n",
        grouped(refused_annual_consumptions()), context.hint("export refusals"));
  if (refused_registers() > 0)
    out += fmt::format(
        "{} registers are refused (ECS1006): their delivery says two things of one register and "
        "installed_at. Which: {}\n",
        grouped(refused_registers()), context.hint("export refusals"));
  if (refused_rows() > 0)
    out += fmt::format(
        "{} rows of standing data are refused (ECS1006): their delivery says two things of one row "
        "or period. Which: {}\n",
        grouped(refused_rows()), context.hint("export refusals"));
  if (not_registered() > 0)
    out += fmt::format(
        "Of the entries {} are readings of days that no registration of the meter covers "
        "(ECS1009). "
        "They are kept and count nowhere; a run names the meters.\n",
        grouped(not_registered()));
  if (unregistered() > 0)
    out += fmt::format(
        "Of the entries {} are readings of meters without a registration. They are kept, and are "
        "settled when it has come. Which meters: {}\n",
        grouped(unregistered()), context.hint("export unregistered"));
  return out;
}

Result<ExitCode> IngestReport::print(const Context& context) const {
  const auto code = exit_code();
  if (context.json) {
    context.out.write(json());
  } else if (!context.quiet || code != ExitCode::done) {
    context.out.write(text(context));
  }
  for (const auto& error : errors()) report({code, error}, context.json);
  return code;
}

}  // namespace hhgrid::app
