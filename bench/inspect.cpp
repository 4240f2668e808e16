#include "bench/inspect.hpp"

#include <atomic>
#include <thread>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "bench/ingest_buffer.hpp"
#include "bench/measure.hpp"
#include "net/simulator/counter_random.hpp"

namespace hhgrid::bench {
namespace {

constexpr std::uint64_t random_purpose = 2000;

/// Asks until `done`; milliseconds each answer took.
std::vector<double> ask(actors::Grid& grid, const net::Population& population,
                        const std::atomic<bool>& done) {
  std::vector<double> milliseconds;
  net::CounterRandom random(1, random_purpose, 0);
  while (!done) {
    const auto meter =
        population.traits(random.below(population.options().meters)).mpan.to_string();
    const auto start = Clock::now();
    const auto answer = grid.inspect("meter/" + meter, population.options().first_day.value);
    milliseconds.push_back(seconds_since(start) * 1000);
    if (!answer) throw std::runtime_error(answer.error().text);
  }
  return milliseconds;
}

}  // namespace

int run_inspect(caf::actor_system& system, const InspectOptions& options) {
  net::PopulationOptions population_options;
  population_options.meters = options.meters;
  population_options.days = options.days;
  const net::Population population(population_options);
  const auto buffer = make_ready_buffer(population, options.partitions, default_batch_entries);
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "inspect";
  grid_options.partitions = options.partitions;
  std::filesystem::remove_all(grid_options.directory);
  {
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    feed(**grid, buffer.registrations);
    must((*grid)->drain());
    std::atomic<bool> done{false};
    std::vector<double> milliseconds;
    std::thread asker([&] { milliseconds = ask(**grid, population, done); });
    const auto start = Clock::now();
    feed(**grid, buffer.consumption);
    must((*grid)->drain());
    const double seconds = seconds_since(start);
    done = true;
    asker.join();
    const double rate = static_cast<double>(buffer.meter_days) / seconds;
    options.report(
        {"inspect",
         {{"p99_ms", quantile(milliseconds, 0.99)},
          {"median_ms", quantile(milliseconds, 0.5)},
          {"meter_days_per_s", rate}},
         fmt::format("inspect {:.2f} ms p99, {:.2f} ms median ({} questions to {} meters while "
                     "{:.0f} meter-days/s came in)",
                     quantile(milliseconds, 0.99), quantile(milliseconds, 0.5), milliseconds.size(),
                     options.meters, rate)});
  }
  std::filesystem::remove_all(grid_options.directory);
  return 0;
}

}  // namespace hhgrid::bench
