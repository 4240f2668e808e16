#include "actors/grid/grid_directory.hpp"

#include <random>

#include <fmt/format.h>

#include "actors/grid/open_files.hpp"
#include "core/partitioning.hpp"
#include "storage/journal/local/segment.hpp"
#include "storage/store/grid_file.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::PartitionId;

namespace {

storage::GridId random_grid_id() {
  std::random_device random;
  const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
  return {word(), word()};
}

/// True when there is more than a grid's creation can leave behind that ended before its file
/// `GRID` was there.
bool holds_anything_else(const std::filesystem::path& directory) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().filename() != "LOCK" && entry.path().filename() != "GRID.new") return true;
  return false;
}

/// For a directory that is not empty and has no file `GRID`.
Error no_grid_in(const GridOptions& options) {
  const std::string directory = options.directory.string();
  std::error_code failed;
  if (std::filesystem::exists(options.directory / "journal", failed))
    return {Errc::damaged,
            fmt::format("{}/GRID: is not there, though the directory has a journal; bring the file "
                        "back from a copy of the grid: without it, nothing says which grid this is",
                        directory)};
  return {Errc::foreign,
          fmt::format("{}: is not empty and holds no grid{}", directory,
                      options.create ? "; a new grid wants an empty directory" : "")};
}

bool holds_store(const std::filesystem::path& directory) {
  std::error_code failed;
  if (std::filesystem::exists(directory / "market" / "CURRENT", failed)) return true;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "partitions", failed))
    if (std::filesystem::exists(entry.path() / "CURRENT", failed)) return true;
  return false;
}

/// A grid makes its journal before its stores, so a journal without any segment has lost them.
tl::expected<void, Error> check_journal_is_there(const std::filesystem::path& directory) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "journal", failed))
    if (storage::parse_segment_name(entry.path().filename().string())) return {};
  if (!holds_store(directory)) return {};
  return tl::unexpected(
      Error{Errc::damaged, fmt::format("{}: holds no journal segment, though the grid has stores",
                                       (directory / "journal").string())});
}

/// Error: the process may not open as many files as so many partitions need.
tl::expected<int, Error> share_open_files(const GridOptions& options,
                                          PartitionId meter_partitions) {
  const std::size_t segments = options.journal_bytes_max / options.journal_segment_bytes;
  auto share = open_files_per_store(storage::Topology(meter_partitions).count(), segments,
                                    open_files_limit());
  if (!share)
    return tl::unexpected(Error{
        share.error().code, fmt::format("{}: {}", options.directory.string(), share.error().text)});
  return *share;
}

}  // namespace

tl::expected<GridDirectory, Error> open_grid_directory(const GridOptions& options) {
  const auto& directory = options.directory;
  std::error_code failed;
  if (std::filesystem::exists(directory, failed) &&
      !std::filesystem::is_directory(directory, failed))
    return tl::unexpected(
        Error{Errc::foreign, fmt::format("{}: is not a directory", directory.string())});
  if (!std::filesystem::exists(directory / "GRID", failed)) {
    if (holds_anything_else(directory)) return tl::unexpected(no_grid_in(options));
    if (!options.create)
      return tl::unexpected(
          Error{Errc::mismatch,
                fmt::format("{}: holds no grid; make one with `hhgrid ingest` or `hhgrid simulate`",
                            directory.string())});
    if (options.partitions > core::meter_partitions_max)
      return tl::unexpected(
          Error{Errc::mismatch,
                fmt::format("{}: a grid has at most {} meter partitions, asked for "
                            "were {}",
                            directory.string(), core::meter_partitions_max, options.partitions)});
    if (auto shared = share_open_files(options, options.partitions); !shared)
      return tl::unexpected(shared.error());
    std::filesystem::create_directories(directory, failed);
    if (failed)
      return tl::unexpected(Error{
          Errc::io, fmt::format("{}: cannot be made: {}", directory.string(), failed.message())});
  }
  auto locked = storage::DirectoryLock::acquire(directory);
  if (!locked) return tl::unexpected(locked.error());
  GridDirectory grid{.lock = std::move(*locked), .partitions = options.partitions};
  auto known = storage::read_grid_file(directory);
  if (!known) return tl::unexpected(known.error());
  if (*known) {
    if (options.partitions_given && options.partitions != (*known)->partitions)
      return tl::unexpected(Error{
          Errc::mismatch,
          fmt::format("{}: has {} meter partitions, asked for were {}; the number is fixed when a "
                      "grid is made: leave --partitions out",
                      directory.string(), (*known)->partitions, options.partitions)});
    grid.partitions = (*known)->partitions;
    grid.id = (*known)->id;
  } else {
    grid.id = random_grid_id();
    if (auto written = storage::write_grid_file(directory, {grid.id, grid.partitions}); !written)
      return tl::unexpected(written.error());
  }
  auto shared = share_open_files(options, grid.partitions);
  if (!shared) return tl::unexpected(shared.error());
  grid.open_files_per_store = *shared;
  if (auto there = check_journal_is_there(directory); !there) return tl::unexpected(there.error());
  return grid;
}

}  // namespace hhgrid::actors
