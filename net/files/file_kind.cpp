#include "net/files/file_kind.hpp"

#include <algorithm>
#include <optional>

namespace hhgrid::net {
namespace {

constexpr std::array<std::string_view, file_kind_count> names = {
    "bank_holidays",      "bmus",        "component_classes", "line_losses",
    "default_shapes",     "group_takes", "run_dates",         "registrations",
    "annual_consumption", "meters",      "consumption",       "consumption_wide",
    "interval_data",      "reads",       "advisories",        "unmetered"};

std::string in_small_letters(std::string text) {
  for (char& c : text)
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_letter(char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_'; }

/// Of the kinds that are loaded.
std::string all_names() {
  std::string text;
  for (std::size_t i = 0; i < names.size() && is_supported(static_cast<FileKind>(i)); ++i)
    text.append(text.empty() ? "" : ", ").append(names[i]);
  return text;
}

}  // namespace

std::string_view to_string(FileKind kind) { return names[static_cast<std::size_t>(kind)]; }

tl::expected<FileKind, IngestError> parse_file_kind(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<FileKind>(found - names.begin());
  return tl::unexpected(
      IngestError{IngestErrc::unknown_kind,
                  std::string("'").append(name) + "' is no kind of file: one of " + all_names()});
}

bool is_supported(FileKind kind) { return kind < FileKind::interval_data; }

tl::expected<FileKind, IngestError> kind_of_file(const std::filesystem::path& path) {
  if (is_ptf(path)) return FileKind::line_losses;
  const std::string file = in_small_letters(path.filename().string());
  std::optional<FileKind> best;
  std::size_t best_size = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto name = names[i];
    const bool begins =
        file.starts_with(name) && (file.size() == name.size() || !is_letter(file[name.size()]));
    if (!begins || name.size() <= best_size) continue;
    best = static_cast<FileKind>(i);
    best_size = name.size();
  }
  if (best) return *best;
  if (has_ending(path, ".zip")) return FileKind::line_losses;
  return tl::unexpected(IngestError{
      IngestErrc::unknown_kind, "the name of " + path.string() + " begins with no kind of file: " +
                                    all_names() + " (say it with --kind)"});
}

bool has_ending(const std::filesystem::path& path, std::string_view ending) {
  return in_small_letters(path.filename().string()).ends_with(ending);
}

bool is_ptf(const std::filesystem::path& path) { return has_ending(path, ".ptf"); }

bool is_macintosh_extra(const std::filesystem::path& path) {
  return path.string().starts_with("__MACOSX/") || path.filename().string().starts_with("._");
}

bool is_rejected_file(const std::filesystem::path& path) {
  return has_ending(path, ".rejected.csv");
}

bool has_data_extension(const std::filesystem::path& path) {
  constexpr std::string_view endings[] = {".csv", ".csv.gz", ".csv.zst", ".ptf", ".zip"};
  return std::any_of(std::begin(endings), std::end(endings),
                     [&](std::string_view ending) { return has_ending(path, ending); });
}

}  // namespace hhgrid::net
