#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/progress.hpp"
#include "app/table.hpp"
#include "app/wait_applied.hpp"
#include "core/decimal.hpp"
#include "net/simulator/folder_output.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::app {
namespace {

struct SimulateCommand {
  std::uint32_t meters = 1000;
  std::int32_t days = 7;
  std::uint64_t seed = 1;
  std::size_t groups = 3;
  std::optional<core::UtcDay> from;
  std::filesystem::path output;
  bool overwrite = false, join = false;

  Result<ExitCode> run(Context& context) const;

 private:
  net::SimulationOptions options() const;
  Result<net::SimulationSummary> to_folder() const;
  Result<net::SimulationSummary> to_grid(const Context& context) const;
};

net::SimulationOptions SimulateCommand::options() const {
  net::SimulationOptions options;
  options.population.seed = seed;
  options.population.meters = meters;
  options.population.days = days;
  options.population.groups = std::string(core::gsp_group_letters.substr(0, groups));
  if (from) options.population.first_day = *from;
  return options;
}

Failure failure_of_simulation(const net::IngestError& error, std::string_view again) {
  const bool unwritten = error.code == net::IngestErrc::not_written;
  return {unwritten ? ExitCode::unwritten : ExitCode::input_refused,
          fmt::format("{}. Make space and give the same command again{}.", error.text, again)};
}

Result<net::SimulationSummary> SimulateCommand::to_folder() const {
  // Somebody may have edited the files that are there.
  std::error_code error;
  const auto status = std::filesystem::status(output, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_directory(status))
    return fail(ExitCode::usage,
                fmt::format("--output {}: is no folder. Name a new one.", output.string()));
  if (!overwrite && std::filesystem::exists(status) && !std::filesystem::is_empty(output, error))
    return fail(
        ExitCode::usage,
        fmt::format("--output {}: there is something already. Name a new folder, or replace "
                    "the files with --overwrite.",
                    output.string()));
  const auto folder = net::folder_output(output);
  auto summary = net::simulate(options(), *folder);
  if (!summary) return tl::unexpected(failure_of_simulation(summary.error(), ", with --overwrite"));
  return *summary;
}

tl::expected<bool, storage::Error> holds_entries(net::GridService& grid) {
  return grid.status().map([](const std::vector<actors::PartitionStatus>& partitions) {
    return std::any_of(partitions.begin(), partitions.end(),
                       [](const auto& partition) { return partition.applied > 0; });
  });
}

Result<net::SimulationSummary> SimulateCommand::to_grid(const Context& context) const {
  auto asked = ask_or_create_grid(context, std::nullopt);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;
  const auto holds_some = holds_entries(grid);
  if (!holds_some) return fail(holds_some.error());
  if (!join && *holds_some)
    return fail(ExitCode::usage,
                fmt::format("--data {}: the grid has data already, and Group Takes that are "
                            "simulated would replace its own. Name a new directory, or have it "
                            "join the data with --join. Nothing was simulated.",
                            context.settings.data.directory.string()));
  tl::expected<net::SimulationSummary, net::IngestError> summary;
  tl::expected<void, storage::Error> stored;
  {
    const auto feed = grid.feed({});
    if (!feed) return fail(feed.error());
    Progress progress(context.err, context.talks(), [&] {
      return Progress::State{"simulating", std::nullopt, (*feed)->entries(), "entries"};
    });
    const auto output = net::session_output((*feed)->sink());
    summary = net::simulate(options(), *output);
    stored = (*feed)->finish();
  }
  if (!stored) return fail(stored.error());
  if (!summary) return tl::unexpected(failure_of_simulation(summary.error(), ""));
  if (auto applied = wait_applied(context, grid); !applied) return fail(applied.error());
  return *summary;
}

Result<ExitCode> SimulateCommand::run(Context& context) const {
  if (output.empty() == !context.data_given)
    return fail(ExitCode::usage,
                "simulate wants --output with a folder for files, or --data with a grid to feed, "
                "and not both.");
  if (overwrite && output.empty())
    return fail(ExitCode::usage, "--overwrite is for the files of --output.");
  if (join && !output.empty()) return fail(ExitCode::usage, "--join is for the grid of --data.");
  const auto begun = std::chrono::steady_clock::now();
  const auto summary = output.empty() ? to_grid(context) : to_folder();
  if (!summary) return tl::unexpected(summary.error());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const std::string place = (output.empty() ? context.settings.data.directory : output).string();
  if (context.json) {
    JsonObject object;
    object.text("place", place)
        .number("registrations", summary->registrations)
        .number("meter_days", summary->meter_days)
        .number("meter_days_in_time", summary->meter_days_in_time)
        .number("meter_days_late", summary->meter_days_late)
        .number("group_takes", summary->group_takes)
        .raw("net_mwh", core::format_decimal(summary->energy_wh, 6))
        .raw("seconds", fmt::format("{:.3f}", seconds));
    context.out.write(object.str() + "\n");
  } else if (!context.quiet) {
    context.out.write(
        fmt::format("{} meters, {} days, {} GSP Groups in {}\n"
                    "{} meter-days, {} MWh net; {} in time, {} late or corrected{}; {:.1f} s\n",
                    grouped(meters), days, groups, place, grouped(summary->meter_days),
                    mwh_text(summary->energy_wh, 3), grouped(summary->meter_days_in_time),
                    grouped(summary->meter_days_late),
                    output.empty() ? "" : " (in " + (output / "late").string() + ")", seconds));
  }
  return ExitCode::done;
}

}  // namespace

void add_simulate(CommandLine& line) {
  auto options = std::make_shared<SimulateCommand>();
  auto& command =
      line.add("simulate", "Make up a population with readings, as files or straight into a grid",
               [options](Context& context) { return options->run(context); });
  command.add_option("--meters", options->meters, "Meter points")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  command.add_option("--days", options->days, "UTC days of readings")
      ->check(CLI::Range(1, 3660))
      ->capture_default_str();
  command.add_option("--seed", options->seed, "The same seed makes the same population")
      ->capture_default_str();
  command.add_option("--groups", options->groups, "GSP Groups")
      ->check(CLI::Range(std::size_t{1}, core::gsp_group_letters.size()))
      ->capture_default_str();
  add_parsed(command, "--from", options->from, "First UTC day (default: 2026-01-01)",
             core::parse_utc_day)
      ->type_name("YYYY-MM-DD");
  command
      .add_option(
          "--output", options->output,
          "Folder for the files; what is late goes into its folder late (without it: into the "
          "grid of --data)")
      ->type_name("DIR");
  command.add_flag("--overwrite", options->overwrite, "Replace files that are there");
  command.add_flag("--join", options->join, "Add to a grid that has data already");
}

}  // namespace hhgrid::app
