#include "bench/csv.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <csv.h>
#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "bench/measure.hpp"
#include "net/files/ingest.hpp"
#include "net/simulator/folder_output.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::bench {
namespace {

namespace fs = std::filesystem;

/// Loads a path into a grid as the program does; returns the rows accepted.
std::uint64_t load(actors::Grid& grid, const fs::path& path) {
  SessionFeed feed(grid);
  const auto summary = net::ingest_path(path, {}, feed.session());
  feed.finish();
  if (!summary.complete()) throw std::runtime_error(path.string() + " was not loaded whole");
  return summary.rows_accepted();
}

/// Splits a file into fields; returns how many there are.
std::uint64_t count_fields(const fs::path& path) {
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  std::uint64_t fields = 0;
  const auto on_field = [](void*, std::size_t, void* count) {
    ++*static_cast<std::uint64_t*>(count);
  };
  const auto on_record = [](int, void*) {};
  std::ifstream file(path, std::ios::binary);
  std::vector<char> chunk(std::size_t{1} << 20);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0)
    csv_parse(&parser, chunk.data(), static_cast<std::size_t>(file.gcount()), on_field, on_record,
              &fields);
  csv_fini(&parser, on_field, on_record, &fields);
  csv_free(&parser);
  return fields;
}

struct Files {
  fs::path standing, consumption;
};

/// The simulated files, consumption apart from the rest.
Files make_files(const CsvOptions& options) {
  const fs::path folder = options.directory / "csv-files";
  fs::remove_all(folder);
  net::SimulationOptions simulation;
  simulation.population.meters = options.meters;
  simulation.population.days = options.days;
  simulation.late_wave = false;
  const auto output = net::folder_output(folder);
  if (const auto made = net::simulate(simulation, *output); !made)
    throw std::runtime_error(made.error().text);
  const fs::path apart = options.directory / "csv-consumption";
  fs::remove_all(apart);
  fs::create_directories(apart);
  fs::rename(folder / "consumption_wide.csv", apart / "consumption_wide.csv");
  return {folder, apart / "consumption_wide.csv"};
}

}  // namespace

int run_csv(caf::actor_system& system, const CsvOptions& options) {
  const Files files = make_files(options);
  std::vector<double> rates, ratios;
  std::uint64_t rows = 0;
  for (int n = 1; n <= options.runs; ++n) {
    actors::GridOptions grid_options;
    grid_options.directory = options.directory / "csv-grid";
    grid_options.partitions = options.partitions;
    fs::remove_all(grid_options.directory);
    double seconds = 0;
    {
      auto grid = actors::Grid::open(system, grid_options);
      if (!grid) throw std::runtime_error(grid.error().text);
      load(**grid, files.standing);
      const auto start = Clock::now();
      rows = load(**grid, files.consumption);
      seconds = seconds_since(start);
    }
    fs::remove_all(grid_options.directory);
    const auto start = Clock::now();
    if (count_fields(files.consumption) < rows)
      throw std::runtime_error("libcsv found too few fields");
    const double peer_seconds = seconds_since(start);
    rates.push_back(static_cast<double>(rows) / seconds);
    ratios.push_back(peer_seconds / seconds);
    std::fputs(fmt::format("  run {}: {:.2f} s, libcsv alone {:.2f} s\n", n, seconds, peer_seconds)
                   .c_str(),
               stderr);
  }
  const auto bytes = fs::file_size(files.consumption);
  options.report(
      {"csv",
       {{"meter_days_per_s", median(rates)}, {"ratio_to_libcsv", median(ratios)}},
       fmt::format("csv {:.0f} meter-days/s (median of {}; {} rows of 48 values, {:.0f} MB, {} "
                   "partitions), ratio to libcsv splitting alone {:.2f}",
                   median(rates), options.runs, rows, static_cast<double>(bytes) / 1e6,
                   options.partitions, median(ratios))});
  fs::remove_all(files.standing);
  fs::remove_all(files.consumption.parent_path());
  return 0;
}

}  // namespace hhgrid::bench
