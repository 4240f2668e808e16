#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "net/files/file_kind.hpp"
#include "net/files/ingest.hpp"

namespace hhgrid::net {

/// A file to load; `bytes` when it is standard input that was read beforehand.
struct Input {
  std::filesystem::path path;
  FileKind kind{};
  std::shared_ptr<const std::string> bytes;
  std::string member;  ///< The name of the data in a zip; empty for other files.
  bool is_standard_input() const { return path == "-"; }
  bool is_ptf() const {
    return !is_standard_input() &&
           net::is_ptf(member.empty() ? path : std::filesystem::path(member));
  }
};

/// The files that paths stand for, and those that cannot be loaded.
class InputList {
 public:
  /// The options must outlive the list.
  explicit InputList(const IngestOptions& options) : options_(options) {}

  /// A file, a folder, or `-`.
  void add(const std::filesystem::path& path);
  /// Sorted by dependency, then by name.
  std::vector<Input> take_inputs();
  /// Files of an unknown kind or of one that is not supported, folders without files.
  std::vector<FileSummary> take_failures() { return std::move(failures_); }
  /// What lies in the folders and zips and is no data, with the reason.
  std::vector<PassedOver> take_passed_over() { return std::move(passed_over_); }

 private:
  void add_standard_input();
  void add_folder(const std::filesystem::path& folder);
  void add_file(const std::filesystem::path& path);
  void add_zip(const std::filesystem::path& path);
  void add_kind(Input input);

  const IngestOptions& options_;
  std::vector<Input> inputs_;
  std::vector<FileSummary> failures_;
  std::vector<PassedOver> passed_over_;
};

/// A summary that says only why a file was not read.
FileSummary failed_file(const std::filesystem::path& path, IngestError error);
/// Reads all of standard input into `input.bytes`, so that it can be read twice. Errors:
/// unreadable, also when it is more than 1 GiB.
tl::expected<void, IngestError> keep_standard_input(Input& input);

}  // namespace hhgrid::net
