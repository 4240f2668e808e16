#include "app/open_grid.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "app/session_options.hpp"

namespace hhgrid::app {

OpenGrid::OpenGrid(const Context& context)
    : closing_(context.closing), config_(context.settings.actors.worker_threads) {
  system_ = std::make_unique<caf::actor_system>(config_);
}

OpenGrid::~OpenGrid() {
  if (!grid_) return;
  if (auto closed = grid_->close(); !closed) *closing_ = failure_of(closed.error());
}

Result<void> OpenGrid::open(const actors::GridOptions& options) {
  auto grid = actors::Grid::open(*system_, options);
  if (!grid) return fail(grid.error());
  grid_ = std::move(*grid);
  return {};
}

namespace {

core::ShapePolicy shape_policy(const config::Settings::Shape& settings) {
  const auto window = [](std::uint32_t first, std::uint32_t last) {
    return core::OffPeakWindow{static_cast<int>(first), static_cast<int>(last)};
  };
  core::ShapePolicy policy;
  policy.minimum_sample = static_cast<int>(settings.minimum_sample);
  policy.like_days_max = static_cast<int>(settings.like_days_max);
  policy.off_peak = window(settings.off_peak_first, settings.off_peak_last);
  for (const auto& [group, own] : settings.off_peak_groups)
    policy.off_peak_of.emplace(core::GspGroup::parse(group).value(), window(own.first, own.last));
  return policy;
}

}  // namespace

actors::GridOptions grid_options(const config::Settings& settings) {
  constexpr std::size_t mib = std::size_t{1} << 20;
  actors::GridOptions options;
  options.directory = settings.data.directory;
  options.partitions = settings.grid.partitions;
  options.memtable_bytes = settings.storage.memtable_mib * mib;
  options.block_cache_bytes = settings.storage.block_cache_mib * mib;
  options.background_threads = static_cast<int>(settings.storage.background_threads);
  options.journal_segment_bytes = settings.storage.journal_segment_mib * mib;
  options.journal_bytes_max = settings.storage.journal_mib_max * mib;
  options.resident_bytes_max = settings.actors.resident_bytes_max;
  options.maximum = maximum_energy(settings);
  options.shape = shape_policy(settings.shape);
  options.correction = settings.correction.method == config::CorrectionMethod::legacy
                           ? core::CorrectionMethod::legacy
                           : core::CorrectionMethod::import_export;
  return options;
}

namespace {

Result<std::unique_ptr<OpenGrid>> open(const Context& context, const actors::GridOptions& options) {
  auto grid = std::make_unique<OpenGrid>(context);
  return grid->open(options).map([&] { return std::move(grid); });
}

}  // namespace

Result<std::unique_ptr<OpenGrid>> open_grid(const Context& context) {
  auto options = grid_options(context.settings);
  options.create = false;
  return open(context, options);
}

Result<std::unique_ptr<OpenGrid>> open_or_create_grid(const Context& context,
                                                      std::optional<std::uint16_t> partitions) {
  auto options = grid_options(context.settings);
  options.partitions_given = partitions.has_value();
  if (partitions) options.partitions = *partitions;
  std::error_code unknown;
  const bool there = std::filesystem::exists(options.directory / "GRID", unknown);
  auto grid = open(context, options);
  // A mistyped directory must not pass in silence.
  if (grid && !there && context.talks())
    context.err.write(
        fmt::format("{}: there was no grid; a new one is made.\n", options.directory.string()));
  return grid;
}

Result<std::unique_ptr<OpenGrid>> create_grid(const Context& context) {
  return open(context, grid_options(context.settings));
}

}  // namespace hhgrid::app
