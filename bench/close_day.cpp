#include "bench/close_day.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulated_standing.hpp"

namespace hhgrid::bench {
namespace {

constexpr std::uint32_t meters_in_turn = 100;  // one meter of so many is late, each time another

/// Meters with the same remainder are late together, for one of the measured closings.
bool is_late(std::uint32_t meter, int n) {
  return meter % meters_in_turn == static_cast<std::uint32_t>(n) % meters_in_turn;
}

net::Population population_of(const CloseDayOptions& options) {
  net::PopulationOptions population;
  population.meters = options.meters;
  population.days = options.days + options.runs;
  return net::Population(population);
}

template <class Put>
void put_into(actors::Grid& grid, core::Instant at, Put&& put) {
  SessionFeed feed(grid, at);
  const auto output = net::session_output(feed.session());
  put(*output);
  if (const auto done = output->finish(); !done) throw std::runtime_error(done.error().text);
  feed.finish();
}

/// Standing data, and every meter's readings but for those that come late.
void feed_in_time(actors::Grid& grid, const net::Population& population,
                  const CloseDayOptions& options) {
  put_into(grid, received_at, [&](net::SimulationOutput& output) {
    net::put_bank_holidays(population, output);
    net::put_default_shapes(output);
    output.begin(net::FileKind::registrations, false);
    for (std::uint32_t i = 0; i < options.meters; ++i)
      for (const auto& registration : population.registrations(i)) output.put(registration);
    output.begin(net::FileKind::consumption_wide, false);
    for (std::int32_t d = 0; d < options.days + options.runs; ++d)
      for (std::uint32_t i = 0; i < options.meters; ++i) {
        const bool comes_late =
            d < options.days && i % meters_in_turn < static_cast<std::uint32_t>(options.runs);
        if (!comes_late) output.put(population.consumption(i, population.options().first_day + d));
      }
  });
}

void feed_late(actors::Grid& grid, const net::Population& population,
               const CloseDayOptions& options, int n) {
  put_into(grid, {received_at.milliseconds + n}, [&](net::SimulationOutput& output) {
    output.begin(net::FileKind::consumption_wide, true);
    for (std::int32_t d = 0; d < options.days; ++d)
      for (std::uint32_t i = 0; i < options.meters; ++i)
        if (is_late(i, n))
          output.put(population.consumption(i, population.options().first_day + d));
  });
}

actors::DayClosing close_one(actors::Grid& grid, core::UtcDay day) {
  const auto closing = grid.close_day(day, received_at);
  if (!closing) throw std::runtime_error(closing.error().text);
  return *closing;
}

}  // namespace

int run_close_day(caf::actor_system& system, const CloseDayOptions& options) {
  if (options.runs > static_cast<int>(meters_in_turn))
    throw std::runtime_error(fmt::format("--runs: {} at most", meters_in_turn));
  const auto population = population_of(options);
  const core::UtcDay first = population.options().first_day;
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "close-day";
  grid_options.partitions = options.partitions;
  std::filesystem::remove_all(grid_options.directory);
  {
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    feed_in_time(**grid, population, options);
    for (std::int32_t d = 0; d < options.days; ++d) close_one(**grid, first + d);
    must((*grid)->checkpoint());
    std::vector<double> seconds;
    std::uint32_t reissued = 0;
    for (int n = 0; n < options.runs; ++n) {
      feed_late(**grid, population, options, n);
      const auto start = Clock::now();
      const auto closing = close_one(**grid, first + (options.days + n));
      seconds.push_back(seconds_since(start));
      if (closing.reissued == 0) throw std::runtime_error("late readings changed no load shape");
      reissued = std::max(reissued, closing.reissued);
      std::fputs(fmt::format("  run {}: {:.3f} s, {} load shapes, {} of them again\n", n + 1,
                             seconds.back(), closing.published, closing.reissued)
                     .c_str(),
                 stderr);
    }
    options.report(
        {"close-day",
         {{"seconds", median(seconds)}},
         fmt::format(
             "close-day {:.3f} s from the entry's append until every partition has the load "
             "shapes (median of {}; {} meters, {} partitions, 1 % of the meters late on {} "
             "days, up to {} shapes again)",
             median(seconds), options.runs, options.meters, options.partitions, options.days,
             reissued)});
  }
  std::filesystem::remove_all(grid_options.directory);
  return 0;
}

}  // namespace hhgrid::bench
