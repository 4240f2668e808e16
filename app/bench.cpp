#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "actors/host/messages.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"
#include "bench/registry.hpp"
#include "core/partitioning.hpp"

namespace hhgrid::app {
namespace {

namespace fs = std::filesystem;

struct BenchCommand {
  std::string name;
  fs::path directory = "bench-data";
  bench::BenchOptions options;

  Result<ExitCode> run(Context& context);
};

std::string names_text() {
  std::string text;
  for (const auto& benchmark : bench::benchmarks())
    if (benchmark.asked != bench::Asked::as_child)
      text += (text.empty() ? "" : ", ") + std::string(benchmark.name);
  return text;
}

/// One object a line.
std::string figures_json(const bench::Figures& figures) {
  JsonObject object;
  object.text("benchmark", figures.name);
  for (const auto& [name, value] : figures.values) object.raw(name, fmt::format("{}", value));
  return object.str() + "\n";
}

Result<ExitCode> BenchCommand::run(Context& context) {
  const auto& all = bench::benchmarks();
  const auto wanted = [&](const bench::Benchmark& benchmark) {
    return name.empty() ? benchmark.asked == bench::Asked::with_all : benchmark.name == name;
  };
  if (std::none_of(all.begin(), all.end(), wanted))
    return fail(
        ExitCode::usage,
        fmt::format("NAME {}: there is no such benchmark. Choose one of {}.", name, names_text()));
  std::error_code error;
  const bool made = fs::create_directories(directory, error);
  if (error)
    return fail(ExitCode::usage, fmt::format("--directory {}: {}. Name one that can be written.",
                                             directory.string(), error.message()));
  options.directory = directory;
  options.report = [&context](const bench::Figures& figures) {
    context.out.write(context.json ? figures_json(figures) : figures.line + "\n");
  };
  actors::SystemConfig config(context.settings.actors.worker_threads);
  caf::actor_system system(config);
  Result<ExitCode> result = ExitCode::done;
  for (const auto& benchmark : all) {
    if (!wanted(benchmark)) continue;
    if (context.talks())
      context.err.write(fmt::format("{}: {}\n", benchmark.name, benchmark.measures));
    try {
      benchmark.run(system, options);
    } catch (const std::exception& failure) {
      result = fail(ExitCode::store, fmt::format("{}: {}.", benchmark.name, failure.what()));
      break;
    }
  }
  if (made) fs::remove(directory, error);  // only when nothing is left in it
  return result;
}

}  // namespace

void add_bench(CommandLine& line) {
  auto command_options = std::make_shared<BenchCommand>();
  auto& command =
      line.add("bench", "Measure this machine: one comparable line per benchmark",
               [command_options](Context& context) { return command_options->run(context); });
  command.add_option("NAME", command_options->name,
                     names_text() + " (default: all that take minutes at most)");
  command
      .add_option("--directory", command_options->directory,
                  "Where its data is made and removed again")
      ->capture_default_str();
  auto& options = command_options->options;
  command.add_option("--meters", options.meters, "Meter points")->check(CLI::Range(1, 100'000'000));
  command.add_option("--days", options.days, "Days of readings")->check(CLI::Range(1, 3660));
  command.add_option("--partitions", options.partitions, "Meter partitions")
      ->check(CLI::Range(1, int{core::meter_partitions_max}));
  command.add_option("--runs", options.runs, "Repetitions; the median counts")
      ->check(CLI::Range(1, 1000));
}

}  // namespace hhgrid::app
