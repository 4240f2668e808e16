#include "bench/registrations.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "net/files/ingest.hpp"
#include "net/simulator/folder_output.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t changes_share = 10;  // one of so many meters changes its supplier

net::PopulationOptions population_of(const RegistrationsOptions& options, std::uint32_t meters) {
  net::PopulationOptions population;
  population.meters = meters;
  population.days = options.days;
  return population;
}

/// `registrations.csv` in a folder of its own; `of` gives a meter's rows.
template <class Of>
fs::path write_file(const fs::path& folder, std::uint32_t meters, Of&& of) {
  fs::remove_all(folder);
  const auto output = net::folder_output(folder);
  output->begin(net::FileKind::registrations, false);
  for (std::uint32_t i = 0; i < meters; ++i)
    for (const auto& registration : of(i)) output->put(registration);
  if (const auto done = output->finish(); !done) throw std::runtime_error(done.error().text);
  return folder / "registrations.csv";
}

/// Loads the file as the program does; rows per second, until all of them are applied.
double rate_of_loading(actors::Grid& grid, const fs::path& file) {
  const auto start = Clock::now();
  SessionFeed feed(grid);
  const auto summary = net::ingest_path(file, {}, feed.session());
  feed.finish();
  if (!summary.complete()) throw std::runtime_error(file.string() + " was not loaded whole");
  return static_cast<double>(summary.rows_accepted()) / seconds_since(start);
}

std::unique_ptr<actors::Grid> open_new(caf::actor_system& system,
                                       const RegistrationsOptions& options) {
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "registrations-grid";
  grid_options.partitions = options.partitions;
  grid_options.resident_bytes_max = std::size_t{8} << 30;
  fs::remove_all(grid_options.directory);
  auto grid = actors::Grid::open(system, grid_options);
  if (!grid) throw std::runtime_error(grid.error().text);
  return std::move(*grid);
}

void report(const RegistrationsOptions& options, const std::string& name,
            const std::vector<double>& rates, const std::string& what) {
  options.report({name,
                  {{"rows_per_s", median(rates)}},
                  fmt::format("{} {:.0f} rows/s (median of {}; {}, {} partitions)", name,
                              median(rates), options.runs, what, options.partitions)});
}

void measure_registrations(caf::actor_system& system, const RegistrationsOptions& options) {
  const net::Population population(population_of(options, options.meters));
  const auto folder = options.directory / "registrations-files";
  const auto file = write_file(folder, options.meters, [&](std::uint32_t i) {
    auto rows = population.registrations(i);
    rows.resize(1, rows.front());
    rows.front().effective.to = core::open_ended;
    return rows;
  });
  std::vector<double> rates;
  for (int n = 0; n < options.runs; ++n) {
    auto grid = open_new(system, options);
    rates.push_back(rate_of_loading(*grid, file));
    std::fputs(fmt::format("  run {}: {:.0f} rows/s\n", n + 1, rates.back()).c_str(), stderr);
  }
  report(options, "registrations", rates, fmt::format("{} meters", options.meters));
  fs::remove_all(folder);
}

void measure_supplier_changes(caf::actor_system& system, const RegistrationsOptions& options) {
  const std::uint32_t meters = std::max(1u, options.meters / changes_share);
  net::SimulationOptions simulation;
  simulation.population = population_of(options, meters);
  simulation.late_wave = false;
  const net::Population population(simulation.population);
  const core::SettlementDay middle{simulation.population.first_day.value + options.days / 2};
  const auto folder = options.directory / "registrations-files";
  const auto file = write_file(folder, meters, [&](std::uint32_t i) {
    const auto supplier = static_cast<std::uint8_t>((population.traits(i).supplier + 1) %
                                                    net::Population::supplier_count);
    auto rows = population.registrations(i);
    rows.resize(1, rows.front());
    rows.front().effective = {middle, core::open_ended};
    rows.front().terms.supplier = net::Population::supplier(supplier);
    rows.front().terms.bmu = {};
    return rows;
  });
  std::vector<double> rates;
  for (int n = 0; n < options.runs; ++n) {
    auto grid = open_new(system, options);
    SessionFeed feed(*grid);
    const auto output = net::session_output(feed.session());
    if (const auto made = net::simulate(simulation, *output); !made)
      throw std::runtime_error(made.error().text);
    feed.finish();
    rates.push_back(rate_of_loading(*grid, file));
    std::fputs(fmt::format("  run {}: {:.0f} rows/s\n", n + 1, rates.back()).c_str(), stderr);
  }
  report(options, "supplier-changes", rates,
         fmt::format("{} meters with {} days stored", meters, options.days));
  fs::remove_all(folder);
}

}  // namespace

int run_registrations(caf::actor_system& system, const RegistrationsOptions& options) {
  measure_registrations(system, options);
  measure_supplier_changes(system, options);
  fs::remove_all(options.directory / "registrations-grid");
  return 0;
}

}  // namespace hhgrid::bench
