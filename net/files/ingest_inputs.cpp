#include "net/files/ingest_inputs.hpp"

#include <algorithm>
#include <vector>

#include "net/files/byte_source.hpp"
#include "net/files/zip_source.hpp"

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

/// Why what lies in a folder is passed over; empty for a file of the contract. A pipe that nobody
/// writes to would be waited for without end, so only regular files are opened.
std::string_view why_no_data(const fs::path& path) {
  std::error_code error;
  const auto type = fs::status(path, error).type();
  if (type == fs::file_type::directory)
    return "a folder in a folder is not read: to load it, give it by its own name";
  if (type == fs::file_type::fifo) return "it is a pipe, no file";
  if (type == fs::file_type::socket) return "it is a socket, no file";
  if (type == fs::file_type::block || type == fs::file_type::character)
    return "it is a device, no file";
  if (type != fs::file_type::regular) return "it is a link that leads to no file";
  if (is_macintosh_extra(path)) return "it is what a Macintosh adds beside a file";
  if (is_rejected_file(path)) return "it holds rejected rows: give it by its name to load it";
  if (!has_data_extension(path))
    return "its name ends in none of .csv, .csv.gz, .csv.zst, .ptf, .zip";
  return {};
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
    add_kind({"-", *options_.kind, nullptr, {}});
  } else {
    failures_.push_back(failed_file(
        "-",
        {IngestErrc::unknown_kind, "standard input has no name to tell its kind by: say --kind"}));
  }
}

void InputList::add_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    paths.push_back(at->path());
  std::sort(paths.begin(), paths.end());
  bool any = false;
  for (const auto& path : paths) {
    if (const auto reason = why_no_data(path); !reason.empty()) {
      passed_over_.push_back({path.string(), std::string(reason)});
    } else {
      any = true;
      add_file(path);
    }
  }
  if (error) {
    failures_.push_back(failed_file(
        folder,
        {IngestErrc::not_found, folder.string() + " cannot be listed: " + error.message()}));
  } else if (!any) {
    failures_.push_back(failed_file(
        folder,
        {IngestErrc::not_found, folder.string() + " holds no file of the contract (.csv, .csv.gz, "
                                                  ".csv.zst, .ptf, .zip)"}));
  }
}

void InputList::add_file(const fs::path& path) {
  if (has_ending(path, ".zip")) return add_zip(path);
  const auto kind =
      options_.kind ? tl::expected<FileKind, IngestError>(*options_.kind) : kind_of_file(path);
  if (kind) {
    add_kind({path, *kind, nullptr, {}});
  } else {
    failures_.push_back(failed_file(path, kind.error()));
  }
}

/// The kind of the data in a zip is told by its own name, or else by the zip's.
void InputList::add_zip(const fs::path& path) {
  const auto members = zip_members(path);
  if (!members) {
    failures_.push_back(failed_file(path, members.error()));
    return;
  }
  for (const auto& other : members->others)
    passed_over_.push_back({path.string() + ": " + other, "it is no .ptf and no .csv"});
  tl::expected<FileKind, IngestError> kind = kind_of_file(members->data);
  if (options_.kind) kind = *options_.kind;
  if (!kind) kind = kind_of_file(path.stem());
  if (kind) {
    add_kind({path, *kind, nullptr, members->data});
  } else {
    failures_.push_back(failed_file(path, kind.error()));
  }
}

void InputList::add_kind(Input input) {
  if (is_supported(input.kind)) {
    inputs_.push_back(std::move(input));
    return;
  }
  auto failure = failed_file(
      input.path, {IngestErrc::not_supported_yet,
                   input.path.string() + " is of the kind " + std::string(to_string(input.kind)) +
                       ", which is not supported yet by this version"});
  failure.kind = input.kind;
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
