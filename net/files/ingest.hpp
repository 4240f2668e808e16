#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/files/file_kind.hpp"
#include "net/files/ingest_error.hpp"
#include "net/files/rejected_rows.hpp"
#include "net/ingest/ingest_session.hpp"

namespace hhgrid::net {

struct IngestOptions {
  /// One bad row anywhere: nothing at all is loaded.
  bool strict = false;
  /// Of every file given; needed for standard input, otherwise it comes from the file names.
  std::optional<FileKind> kind = std::nullopt;
  /// Where `<file>.rejected.csv` goes; empty: beside the file (for standard input: the working
  /// directory).
  std::filesystem::path rejected_folder = {};
  /// Of each file.
  RejectedLimits rejected_limits = {};
};

/// What became of one file.
struct FileSummary {
  std::string name;  ///< As given; "-" for standard input.
  std::optional<FileKind> kind = std::nullopt;
  /// Every row read is accepted or rejected; one of half hours is rejected when one of them is, and
  /// the others are taken.
  std::uint64_t rows_read = 0, rows_accepted = 0, rows_rejected = 0;
  std::uint64_t empty_lines = 0;  ///< Without any value; no rows.
  std::uint64_t entries = 0;      ///< Handed to the session; several rows can make one.
  std::vector<std::string_view>
      unread_columns;  ///< Of the contract; this version makes nothing of them.
  std::map<std::string, std::uint64_t> rejected_by_reason;
  std::map<std::string, Rejection> first_by_reason;
  std::vector<Rejection> rejections;    ///< The first of them, at most RejectedRows::samples_max.
  std::filesystem::path rejected_file;  ///< Where they are; empty when there are none.
  std::optional<IngestError> error;     ///< The file was not read, or not to its end.
};

/// What lies in a folder or a zip and was not taken, since it is no data.
struct PassedOver {
  std::string name;
  std::string reason;  ///< "it is a pipe, no file".
};

struct IngestSummary {
  std::vector<FileSummary> files;  ///< In the order in which they were loaded.
  std::vector<PassedOver> passed_over;
  /// Why loading ended early (not_stored), nothing was loaded (refused), or there was nothing to
  /// load (not_found).
  std::optional<IngestError> error;

  std::uint64_t rows_read() const;
  std::uint64_t rows_accepted() const;
  std::uint64_t rows_rejected() const;
  /// Everything was loaded: no error, no rejected row.
  bool complete() const;
};

/// Loads files, folders of files in dependency order, and standard input (`-`). What in a folder is
/// no regular file, has another ending or holds rejected rows is passed over and named. All paths
/// together are sorted by dependency. Bad rows are rejected one by one, a file that cannot be read
/// does not keep the others from being loaded; a failing sink ends it. The sink is told when all is
/// read.
IngestSummary ingest_paths(std::span<const std::filesystem::path> paths,
                           const IngestOptions& options, IngestSink& sink);
IngestSummary ingest_path(const std::filesystem::path& path, const IngestOptions& options,
                          IngestSink& sink);

}  // namespace hhgrid::net
