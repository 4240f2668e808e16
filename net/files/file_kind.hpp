#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include <tl/expected.hpp>

#include "net/files/ingest_error.hpp"

namespace hhgrid::net {

/// The files of the CSV contract (docs/formats.md), in the order in which they depend on each
/// other: what is loaded first comes first.
enum class FileKind {
  bank_holidays,
  bmus,
  component_classes,
  line_losses,
  default_shapes,
  group_takes,
  run_dates,
  registrations,
  annual_consumption,
  consumption,
  consumption_wide,
  interval_data,
  reads,
  meters,
  advisories,
  unmetered,
};
inline constexpr int file_kind_count = 16;

/// The name as it begins file names and as `--kind` takes it: `consumption_wide`.
std::string_view to_string(FileKind kind);
/// Error: unknown_kind, listing the kinds there are.
tl::expected<FileKind, IngestError> parse_file_kind(std::string_view name);
/// Kinds that this version loads.
bool is_supported(FileKind kind);

/// The kind of a file from its name: the longest kind that begins it and ends at a character that
/// is no letter
/// (`consumption_wide-2013.csv.gz`); D0265 files (`.ptf`, `.zip`) are line losses. Error:
/// unknown_kind.
tl::expected<FileKind, IngestError> kind_of_file(const std::filesystem::path& path);
/// D0265: the extension is `.ptf` or `.zip`.
bool is_ptf(const std::filesystem::path& path);
/// A file of rejected rows of an earlier ingestion (`*.rejected.csv`).
bool is_rejected_file(const std::filesystem::path& path);
/// Looks like a file of the contract by its extension: csv, csv.gz, csv.zst, ptf, zip.
bool has_data_extension(const std::filesystem::path& path);

}  // namespace hhgrid::net
