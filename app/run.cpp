#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/find_run.hpp"
#include "app/run_report.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

/// Writes runs as JSON as they end: each alone, or as one array.
class Documents {
 public:
  Documents(Terminal& out, bool array) : out_(out), array_(array) {}
  Documents(const Documents&) = delete;
  Documents& operator=(const Documents&) = delete;
  ~Documents() {
    if (array_) out_.write(any_ ? "]\n" : "[]\n");
  }
  void add(const std::string& run) {
    out_.write((!array_ ? "" : any_ ? "," : "[") + run + "\n");
    any_ = true;
  }

 private:
  Terminal& out_;
  bool array_, any_ = false;
};

struct RunCommand {
  std::vector<std::string> days;
  std::optional<core::SettlementCode> code;
  std::optional<core::Instant> cutoff;
  std::string release;
  std::uint32_t timeout_s = 3600;

  Result<ExitCode> run(Context& context) const;

 private:
  Result<std::vector<core::SettlementDay>> parse_days() const;
  Result<ExitCode> finish(Context& context, net::GridService& grid,
                          const actors::RunOutcome& outcome, Documents& documents) const;
  Result<ExitCode> run_day(Context& context, net::GridService& grid, core::SettlementDay day,
                           Documents& documents) const;
  Result<ExitCode> release_run(Context& context, net::GridService& grid,
                               Documents& documents) const;
  Result<ExitCode> run_days(Context& context, net::GridService& grid,
                            const std::vector<core::SettlementDay>& wanted,
                            Documents& documents) const;
};

/// The text with one full stop at its end.
std::string ended(std::string text) {
  if (!text.ends_with('.')) text += '.';
  return text;
}

/// A failed run is not damage: what stood in the way is said by the reason.
tl::unexpected<Failure> run_failure(const storage::Error& error) {
  if (error.code == storage::Errc::closed || error.code == storage::Errc::unknown)
    return fail(ExitCode::run_refused, ended(error.text));
  return fail(error);
}

Result<std::vector<core::SettlementDay>> RunCommand::parse_days() const {
  if (release.empty() && (days.empty() || !code))
    return fail(ExitCode::usage,
                "run wants --day and --code, or --release with a run that is held.");
  if (!release.empty() && (!days.empty() || code || cutoff))
    return fail(ExitCode::usage,
                "--release is given alone: day, code and cut-off are those of the run.");
  std::vector<core::SettlementDay> parsed;
  for (const auto& text : days) {
    const auto day = core::parse_settlement_day(text);
    if (!day) return fail(ExitCode::usage, "--day: " + day.error().text);
    if (!core::SettlementCalendar::covers(day->value))
      return fail(ExitCode::usage,
                  fmt::format("--day {}: the settlement calendar knows 1990 to 2060.", text));
    if (std::find(parsed.begin(), parsed.end(), *day) == parsed.end()) parsed.push_back(*day);
  }
  return parsed;
}

/// Prints how the run ended.
Result<ExitCode> RunCommand::finish(Context& context, net::GridService& grid,
                                    const actors::RunOutcome& outcome, Documents& documents) const {
  if (outcome.run_number == 0)
    return fail(ExitCode::run_refused,
                fmt::format("The run was {}: {}", outcome.status, ended(outcome.reason)));
  auto info = find_run(context, grid, outcome.run_id);
  if (!info) return tl::unexpected(info.error());
  const auto summary = grid.summarise(info->number);
  if (!summary) return fail(summary.error());
  if (context.json) {
    documents.add(run_json(*info, *summary));
  } else if (context.quiet) {
    context.out.write(info->id() + "\n");
  } else {
    context.out.write(run_text(context, *info, *summary));
  }
  if (info->status == actors::RunStatus::PUBLISHED) return ExitCode::done;
  const bool held = info->status == actors::RunStatus::HELD;
  return fail(ExitCode::run_refused,
              fmt::format("{} is {}: {} {}", info->id(), actors::to_string(info->status),
                          ended(info->reason),
                          held ? "Publish it with " + context.hint("run --release " + info->id()) +
                                     ", or correct the data and run again."
                               : "Load what is missing and run again."));
}

Result<ExitCode> RunCommand::run_day(Context& context, net::GridService& grid,
                                     core::SettlementDay day, Documents& documents) const {
  auto outcome = grid.run(day, *code, cutoff, std::chrono::seconds(timeout_s));
  if (!outcome) return run_failure(outcome.error());
  return finish(context, grid, *outcome, documents);
}

Result<ExitCode> RunCommand::release_run(Context& context, net::GridService& grid,
                                         Documents& documents) const {
  const auto info = find_run(context, grid, release, "--release");
  if (!info) return tl::unexpected(info.error());
  if (actors::was_released(*info) && context.talks())
    context.err.write(info->id() + " was released before; there is nothing left to do.\n");
  if (info->status != actors::RunStatus::HELD && !actors::was_released(*info))
    return fail(ExitCode::usage,
                fmt::format("--release {}: it is {}, only a run that is held can be released.",
                            info->id(), actors::to_string(info->status)));
  auto outcome = grid.release(info->number);
  if (!outcome) return run_failure(outcome.error());
  return finish(context, grid, *outcome, documents);
}

Result<ExitCode> RunCommand::run_days(Context& context, net::GridService& grid,
                                      const std::vector<core::SettlementDay>& wanted,
                                      Documents& documents) const {
  ExitCode code_of_all = ExitCode::done;
  for (const auto day : wanted) {
    auto ended = run_day(context, grid, day, documents);
    if (ended) continue;
    if (wanted.size() == 1 || ended.error().code != ExitCode::run_refused) return ended;
    report(ended.error(), context.json);  // the other days are run all the same
    code_of_all = ExitCode::run_refused;
  }
  return code_of_all;
}

Result<ExitCode> RunCommand::run(Context& context) const {
  const auto wanted = refuse_future("--cutoff", cutoff).and_then([&] { return parse_days(); });
  if (!wanted) return tl::unexpected(wanted.error());
  auto asked = ask_grid(context);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;
  if (auto drained = grid.drain(); !drained) return fail(drained.error());
  Documents documents(context.out, context.json && days.size() > 1);
  return release.empty() ? run_days(context, grid, *wanted, documents)
                         : release_run(context, grid, documents);
}

}  // namespace

void add_run(CommandLine& line) {
  auto options = std::make_shared<RunCommand>();
  auto& command =
      line.add("run", "Settle a day: correct volumes to the GSP Group Takes and publish them",
               [options](Context& context) { return options->run(context); });
  command.add_option("--day", options->days, "Settlement day; may be given several times")
      ->type_name("YYYY-MM-DD")
      ->take_all()
      ->allow_extra_args(false);
  add_parsed(command, "--code", options->code, "Settlement code: II, SF, R1, R2, R3, RF, DR, DF",
             core::parse_settlement_code)
      ->type_name("CODE");
  add_parsed(command, "--cutoff", options->cutoff, "Nothing received later counts (default: now)",
             core::parse_instant)
      ->type_name("INSTANT");
  command.add_option("--release", options->release, "Publish a run that is held")->type_name("RUN");
  command.add_option("--timeout", options->timeout_s, "Seconds to wait for the end of the run")
      ->check(CLI::Range(1, 86400 * 7))
      ->capture_default_str();
}

}  // namespace hhgrid::app
