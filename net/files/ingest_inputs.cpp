#include "net/files/ingest_inputs.hpp"

#include <algorithm>
#include <vector>

#include "net/files/byte_source.hpp"

namespace hhgrid::net {
namespace {

namespace fs = std::filesystem;

/// Everything that `--strict` has to read twice from standard input is kept in memory; beyond this
/// it is refused.
constexpr std::size_t standard_input_bytes_max = std::size_t{1} << 30;

/// Files of one rank are loaded in the order in which they were given. Long and wide consumption
/// say the same, so neither goes before the other.
FileKind rank(FileKind kind) {
  return kind == FileKind::consumption_wide ? FileKind::consumption : kind;
}

}  // namespace

void InputList::add(const fs::path& path) {
  std::error_code error;
  if (path == "-") {
    add_standard_input();
  } else if (fs::is_directory(path, error)) {
    add_folder(path);
  } else {
    add_file(path);
  }
}

std::vector<Input> InputList::take_inputs() {
  std::stable_sort(inputs_.begin(), inputs_.end(),
                   [](const Input& a, const Input& b) { return rank(a.kind) < rank(b.kind); });
  return std::move(inputs_);
}

void InputList::add_standard_input() {
  if (options_.kind) {
    add_kind("-", *options_.kind);
  } else {
    failures_.push_back(failed_file(
        "-",
        {IngestErrc::unknown_kind, "standard input has no name to tell its kind by: say --kind"}));
  }
}

void InputList::add_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_directory() && has_data_extension(at->path()) && !is_rejected_file(at->path()))
      files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) add_file(file);
  if (error) {
    failures_.push_back(failed_file(
        folder,
        {IngestErrc::not_found, folder.string() + " cannot be listed: " + error.message()}));
  } else if (files.empty()) {
    failures_.push_back(failed_file(
        folder,
        {IngestErrc::not_found,
         folder.string() + " holds no file of the contract (.csv, .csv.gz, .csv.zst, .ptf)"}));
  }
}

void InputList::add_file(const fs::path& path) {
  const auto kind =
      options_.kind ? tl::expected<FileKind, IngestError>(*options_.kind) : kind_of_file(path);
  if (kind) {
    add_kind(path, *kind);
  } else {
    failures_.push_back(failed_file(path, kind.error()));
  }
}

void InputList::add_kind(const fs::path& path, FileKind kind) {
  if (is_supported(kind)) {
    inputs_.push_back({path, kind, nullptr});
    return;
  }
  auto failure =
      failed_file(path, {IngestErrc::not_supported_yet,
                         path.string() + " is of the kind " + std::string(to_string(kind)) +
                             ", which is not supported yet by this version"});
  failure.kind = kind;
  failures_.push_back(std::move(failure));
}

FileSummary failed_file(const fs::path& path, IngestError error) {
  FileSummary summary;
  summary.name = path.string();
  summary.error = std::move(error);
  return summary;
}

/// Reads all of standard input, so that it can be read twice.
tl::expected<void, IngestError> keep_standard_input(Input& input) {
  auto bytes = std::make_shared<std::string>();
  const auto source = standard_input();
  std::vector<char> chunk(1 << 20);
  while (true) {
    const auto count = source->read(chunk);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) break;
    bytes->append(chunk.data(), *count);
    if (bytes->size() > standard_input_bytes_max)
      return tl::unexpected(IngestError{
          IngestErrc::unreadable, "standard input is too large for --strict: give it as a file"});
  }
  input.bytes = std::move(bytes);
  return {};
}

}  // namespace hhgrid::net
