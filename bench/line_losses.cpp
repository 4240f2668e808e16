#include "bench/line_losses.hpp"

#include <cstdio>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "net/files/ingest.hpp"
#include "net/simulator/line_loss_file.hpp"

namespace hhgrid::bench {
namespace {

namespace fs = std::filesystem;

/// Loads the file into a new grid as the program does; the seconds until all of it is applied.
double seconds_of_loading(caf::actor_system& system, const LineLossesOptions& options,
                          const fs::path& file, std::uint64_t records) {
  actors::GridOptions grid_options;
  grid_options.directory = options.directory / "line-losses-grid";
  grid_options.partitions = options.partitions;
  fs::remove_all(grid_options.directory);
  double seconds = 0;
  {
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    const auto start = Clock::now();
    SessionFeed feed(**grid);
    const auto summary = net::ingest_path(file, {}, feed.session());
    feed.finish();
    seconds = seconds_since(start);
    if (!summary.complete() || summary.rows_accepted() != records)
      throw std::runtime_error(file.string() + " was not loaded whole");
  }
  fs::remove_all(grid_options.directory);
  return seconds;
}

}  // namespace

int run_line_losses(caf::actor_system& system, const LineLossesOptions& options) {
  const fs::path file = options.directory / "line-losses.ptf";
  net::LineLossFileOptions file_options;
  file_options.days = options.days;
  const auto records = net::write_line_loss_file(file, file_options);
  if (!records) throw std::runtime_error(records.error().text);
  std::vector<double> rates;
  for (int n = 1; n <= options.runs; ++n) {
    const double seconds = seconds_of_loading(system, options, file, *records);
    rates.push_back(static_cast<double>(*records) / seconds);
    std::fputs(fmt::format("  run {}: {:.2f} s\n", n, seconds).c_str(), stderr);
  }
  const auto bytes = static_cast<double>(fs::file_size(file));
  options.report({"line-losses",
                  {{"records_per_s", median(rates)}},
                  fmt::format("line-losses {:.0f} records/s (median of {}; {} records, {:.0f} MB, "
                              "{} classes on {} days)",
                              median(rates), options.runs, *records, bytes / 1e6,
                              file_options.classes, options.days)});
  fs::remove(file);
  return 0;
}

}  // namespace hhgrid::bench
