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
  meters,
  consumption,
  consumption_wide,
  interval_data,
  reads,
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

/// Whether the name of a file ends so, in capitals or not; `ending` has none.
bool has_ending(const std::filesystem::path& path, std::string_view ending);
/// The kind of a file from its name, in capitals or not: the longest kind that begins it and ends
/// at a character that is no letter (`consumption_wide-2013.csv.gz`); D0265 files (`.ptf`, or a
/// `.zip` of another name) are line losses. Error: unknown_kind.
tl::expected<FileKind, IngestError> kind_of_file(const std::filesystem::path& path);
/// D0265: the name ends in `.ptf`.
bool is_ptf(const std::filesystem::path& path);
/// What a Macintosh adds beside each file (`._name`) and in each zip (`__MACOSX/`): no data.
bool is_macintosh_extra(const std::filesystem::path& path);
/// A file of rejected rows of an earlier ingestion (`*.rejected.csv`).
bool is_rejected_file(const std::filesystem::path& path);
/// Looks like a file of the contract by its extension: csv, csv.gz, csv.zst, ptf, zip.
bool has_data_extension(const std::filesystem::path& path);

}  // namespace hhgrid::net
