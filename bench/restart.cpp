#include "bench/restart.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "bench/ingest_buffer.hpp"
#include "bench/measure.hpp"

extern char** environ;

namespace hhgrid::bench {
namespace {

actors::GridOptions grid_options(const RestartOptions& options) {
  actors::GridOptions grid;
  grid.directory = options.directory / "restart";
  grid.partitions = options.partitions;
  return grid;
}

/// Starts the victim, waits until it is ready and a while longer, and kills it.
void live_and_die(const RestartOptions& options) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
  const std::string meters = std::to_string(options.meters), days = std::to_string(options.days);
  std::vector<std::string> words = {options.program.string(),
                                    "bench",
                                    "restart-victim",
                                    "--directory",
                                    options.directory.string(),
                                    "--meters",
                                    meters,
                                    "--days",
                                    days};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t victim = 0;
  if (posix_spawn(&victim, arguments[0], &actions, nullptr, arguments.data(), environ) != 0)
    throw std::runtime_error("cannot start " + words[0]);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  char line[6] = {};
  const bool ready = read(pipe_ends[0], line, 5) == 5 && std::strcmp(line, "ready") == 0;
  std::this_thread::sleep_for(std::chrono::seconds(1));
  kill(victim, SIGKILL);
  waitpid(victim, nullptr, 0);
  close(pipe_ends[0]);
  if (!ready) throw std::runtime_error("the process to be killed was not ready");
}

}  // namespace

int run_restart_victim(caf::actor_system& system, const RestartOptions& options) {
  net::PopulationOptions population_options;
  population_options.meters = options.meters;
  population_options.days = options.days;
  auto buffer = make_ready_buffer(net::Population(population_options), options.partitions,
                                  default_batch_entries);
  auto grid = actors::Grid::open(system, grid_options(options));
  if (!grid) throw std::runtime_error(grid.error().text);
  feed(**grid, buffer.registrations);
  // Everything but the last third of a day's blocks, then ready, then the rest and the same again
  // as other deliveries.
  auto last = buffer.consumption;
  for (std::size_t p = 0; p < last.size(); ++p) {
    const auto half = buffer.consumption[p].size() / 2;
    last[p].assign(buffer.consumption[p].begin() + static_cast<std::ptrdiff_t>(half),
                   buffer.consumption[p].end());
    buffer.consumption[p].resize(half);
  }
  feed(**grid, buffer.consumption);
  std::fputs("ready", stdout);
  std::fflush(stdout);
  feed(**grid, last);
  pause();
  return 0;
}

int run_restart(caf::actor_system& system, const RestartOptions& options) {
  std::vector<double> seconds;
  for (int n = 0; n < options.runs; ++n) {
    std::filesystem::remove_all(grid_options(options).directory);
    live_and_die(options);
    const auto start = Clock::now();
    auto grid = actors::Grid::open(system, grid_options(options));
    seconds.push_back(seconds_since(start));
    if (!grid) throw std::runtime_error(grid.error().text);
  }
  options.report(
      {"restart-after-kill",
       {{"seconds", median(seconds)}},
       fmt::format("restart-after-kill {:.2f} s until it serves (median of {}; {} meters, up to {} "
                   "days in)",
                   median(seconds), options.runs, options.meters, options.days)});
  std::filesystem::remove_all(grid_options(options).directory);
  return 0;
}

}  // namespace hhgrid::bench
