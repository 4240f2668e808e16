#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "config/period_windows.hpp"

namespace hhgrid::config {

/// How the GSP Group correction is shared out (section 7 of the settlement arithmetic).
enum class CorrectionMethod : std::uint8_t { import_export, legacy };

/// Whether a node starts the runs of run_dates by itself.
enum class RunDates : std::uint8_t { start, ignore };

/// What is written to the log: this level and those more severe.
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };

/// Every setting of the program. The values here are the defaults, and config/hhgrid.toml describes
/// each at length: a test keeps the two equal.
struct Settings {
  struct Data {
    std::filesystem::path directory = "data";
  } data;

  struct Grid {
    std::uint16_t partitions = 16;  ///< Meter partitions; fixed when the data directory is made.
  } grid;

  struct Storage {
    std::uint32_t memtable_mib = 16;
    std::uint32_t block_cache_mib = 256;  ///< One cache for all partitions.
    std::uint32_t journal_segment_mib = 64;
    std::uint32_t journal_mib_max =
        2048;  ///< Above this the stores are flushed and the journal trimmed.
    std::uint32_t background_threads = 2;
  } storage;

  struct Actors {
    std::uint64_t resident_bytes_max = std::uint64_t{1}
                                       << 30;  ///< Meter state in memory, whole process.
    std::uint32_t worker_threads = 0;          ///< 0: one per core.
    std::uint32_t batch_entries_max = 16384;   ///< Journal entries per commit.
  } actors;

  struct Ingest {
    std::uint64_t rejected_rows_max = 1'000'000;  ///< Of one file; there reading stops.
    std::uint64_t rejected_mib_max = 256;         ///< Of one `<file>.rejected.csv`.
    std::string participant;  ///< Who has sent what is loaded (MPID); empty: nobody is named.
  } ingest;

  struct Shape {
    std::uint32_t minimum_sample = 10;
    std::uint32_t like_days_max = 28;
    std::uint32_t off_peak_first = 2;  ///< UTC period, inclusive.
    std::uint32_t off_peak_last = 15;  ///< UTC period, inclusive; before the first: over midnight.
    PeriodWindows off_peak_groups;     ///< GSP Groups with another window.
  } shape;

  /// The most that one half hour of each connection type may take, in Wh (ECS1012).
  struct ConsumptionLimits {
    std::uint64_t whole_current_wh = 38'000;
    std::uint64_t low_voltage_wh = 600'000;
    std::uint64_t high_voltage_wh = 50'000'000;
    std::uint64_t extra_high_voltage_wh = 400'000'000;
    std::uint64_t unmetered_wh = 1'000'000;
  } consumption_limits;

  struct Correction {
    CorrectionMethod method = CorrectionMethod::import_export;
  } correction;

  struct Node {
    std::filesystem::path socket;         ///< Empty: `node.sock` in the data directory.
    std::string http = "127.0.0.1:8460";  ///< Health over HTTP; empty: none.
  } node;

  struct Timekeeper {
    std::string close_at = "10:00";  ///< UTC, of the day after; empty: no day is closed.
    RunDates run_dates = RunDates::start;
    std::uint32_t catch_up_days_max = 30;
  } timekeeper;

  struct Log {
    LogLevel level = LogLevel::info;
    std::filesystem::path file;  ///< Empty: standard error.
  } log;
};

/// Why settings are refused: sentences that name file, line, key, value and what is allowed.
struct Error {
  std::string text;
};

/// Reads a settings file; what it does not mention keeps its default. The error lists every offence
/// of the file, one a line. A file that cannot be read is an error too.
tl::expected<Settings, Error> load_settings(const std::filesystem::path& file);

/// The same for settings that are already in memory; `name` stands for the file in errors.
tl::expected<Settings, Error> parse_settings(std::string_view text, std::string_view name);

/// Applies one `table.key=value` of the command line, e.g. `storage.memtable_mib=32`.
/// The value is written as in the file; a text may go without quotes. Changes nothing on error.
tl::expected<void, Error> override_setting(Settings& settings, std::string_view assignment);

/// All settings as a settings file, without comments: what is in force, for logs and support.
std::string to_toml(const Settings& settings);

}  // namespace hhgrid::config
