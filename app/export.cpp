#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/find_run.hpp"
#include "core/decimal.hpp"
#include "core/text.hpp"
#include "net/tables/table_list.hpp"

namespace hhgrid::app {
namespace {

namespace fs = std::filesystem;

struct ExportCommand {
  std::string kind;
  std::vector<std::string> runs;
  std::optional<std::int32_t> day;
  std::optional<net::TableFormat> format;
  fs::path output;
  bool all_versions = false;
  std::optional<core::Instant> as_of;

  Result<ExitCode> run_command(Context& context) const;

 private:
  Result<void> check(const net::ExportTable* table) const;
  Result<actors::RunInfo> find_one(const Context& context, net::GridRecords& grid,
                                   const std::string& run) const;
  Result<std::vector<actors::RunInfo>> find_runs(const Context& context,
                                                 net::GridRecords& grid) const;
};

std::string kinds_text() {
  std::vector<std::string_view> kinds;
  for (const auto& table : net::export_tables()) kinds.push_back(table.kind);
  return fmt::format("{}", fmt::join(kinds, ", "));
}

/// A file that appears under its name only when it is complete; an empty path is standard output.
/// A device or pipe that has the name is written to as it is.
class OutputFile {
 public:
  static Result<std::unique_ptr<OutputFile>> open(const fs::path& path) {
    if (std::error_code error; fs::is_directory(path, error))
      return fail(
          ExitCode::usage,
          fmt::format("--output {}: this is a folder. Name a file; export all takes a folder.",
                      path.string()));
    auto file = std::unique_ptr<OutputFile>(new OutputFile(path));
    if (path.empty())
      file->stream_ = stdout;
    else if (file->descriptor_ >= 0)
      file->stream_ = fdopen(dup(file->descriptor_), "wb");
    else
      file->stream_ = std::fopen(file->written_path().c_str(), "wb");
    file->terminal_ = file->stream_ != nullptr && isatty(fileno(file->stream_)) == 1;
    if (file->stream_ == nullptr && (errno == ENOSPC || errno == EDQUOT))
      return file->not_written();
    if (file->stream_ == nullptr)
      return fail(ExitCode::usage, fmt::format("--output {}: {}. Name a file that can be written.",
                                               path.string(), std::strerror(errno)));
    return file;
  }
  ~OutputFile() {
    if (path_.empty() || stream_ == nullptr) return;
    std::fclose(stream_);
    if (!in_place_) std::remove(written_path().c_str());
  }
  /// A terminal gets no control characters of what is stored; files and pipes get every byte.
  bool write(std::string_view bytes) {
    if (!terminal_) return put(bytes);
    return put(core::printable(bytes, "\n"));
  }
  Result<void> finish() {
    const bool flushed = std::fflush(stream_) == 0;
    if (!flushed) return not_written();
    if (path_.empty()) return {};
    const bool closed = std::fclose(stream_) == 0;
    stream_ = nullptr;
    std::error_code error;
    if (closed && !in_place_) fs::rename(written_path(), path_, error);
    if (closed && !error) return {};
    auto failure = error ? not_written(error.message()) : not_written();
    if (!in_place_) fs::remove(written_path(), error);
    return failure;
  }
  tl::unexpected<Failure> not_written() const {
    return not_written(std::strerror(error_ != 0 ? error_ : errno));
  }
  tl::unexpected<Failure> not_written(const std::string& cause) const {
    return fail(ExitCode::unwritten,
                path_.empty()
                    ? fmt::format("standard output: not everything could be written: {}. Export "
                                  "again, to a place that has room or a pipe that is read to its "
                                  "end.",
                                  cause)
                    : fmt::format("{}: not everything could be written: {}. Export again to a "
                                  "place that has room.",
                                  path_.string(), cause));
  }

 private:
  explicit OutputFile(fs::path path) : path_(std::move(path)), descriptor_(descriptor_of(path_)) {
    std::error_code error;
    // What a link leads to is replaced, not the link.
    if (descriptor_ < 0 && fs::is_symlink(path_, error)) {
      auto target = fs::canonical(path_, error);
      if (error) target = path_.parent_path() / fs::read_symlink(path_, error);
      if (!error) path_ = std::move(target);
    }
    const auto status = fs::symlink_status(path_, error);
    in_place_ =
        path_.empty() || descriptor_ >= 0 || (fs::exists(status) && !fs::is_regular_file(status));
  }
  /// Of a name for what the program has open already, such as /dev/stdout; -1 of any other.
  static int descriptor_of(const fs::path& path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    if (path.parent_path() != "/dev/fd" && path.parent_path() != "/proc/self/fd") return -1;
    const auto number = core::parse_decimal(path.filename().string(), 0);
    return number && 0 <= *number && *number <= std::numeric_limits<int>::max()
               ? static_cast<int>(*number)
               : -1;
  }
  bool put(std::string_view bytes) {
    errno = 0;
    if (std::fwrite(bytes.data(), 1, bytes.size(), stream_) == bytes.size()) return true;
    error_ = errno;  // before a node is told
    return false;
  }
  std::string written_path() const { return in_place_ ? path_.string() : path_.string() + ".part"; }

  fs::path path_;
  int descriptor_;
  bool in_place_ = false, terminal_ = false;
  std::FILE* stream_ = nullptr;
  int error_ = 0;  // of the first write that failed
};

Result<void> write_table(net::GridRecords& grid, const net::TableRequest& request,
                         const fs::path& path) {
  auto file = OutputFile::open(path);
  if (!file) return tl::unexpected(file.error());
  const auto written =
      grid.write_table(request, [&](std::string_view bytes) { return (*file)->write(bytes); });
  if (!written) return fail(written.error());
  if (!*written) return (*file)->not_written();
  return (*file)->finish();
}

std::string_view extension(net::TableFormat format) {
  switch (format) {
    case net::TableFormat::csv:
      return ".csv";
    case net::TableFormat::json:
      return ".json";
    case net::TableFormat::jsonl:
      return ".jsonl";
  }
  return "";
}

/// All tables of a run, one file each.
Result<void> write_all(net::GridRecords& grid, const actors::RunInfo& run, net::TableFormat format,
                       const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(ExitCode::usage, fmt::format("--output {}: {}. Name a folder that can be written.",
                                             folder.string(), error.message()));
  for (const auto& table : net::export_tables()) {
    if (!table.of_run) continue;
    net::TableRequest request;
    request.kind = table.kind;
    request.runs = {run.number};
    request.format = format;
    const auto path = folder / (request.kind + std::string(extension(format)));
    if (auto written = write_table(grid, request, path); !written) return written;
  }
  return {};
}

/// A folder per run when there are several.
Result<void> write_all(net::GridRecords& grid, const std::vector<actors::RunInfo>& runs,
                       net::TableFormat format, const fs::path& folder) {
  for (const auto& run : runs) {
    const auto place = runs.size() == 1 ? folder : folder / run.id();
    if (auto written = write_all(grid, run, format, place); !written) return written;
  }
  return {};
}

Result<actors::RunInfo> ExportCommand::find_one(const Context& context, net::GridRecords& grid,
                                                const std::string& run) const {
  auto found = day ? find_published_run(context, grid, core::SettlementDay{*day})
                   : find_run(context, grid, run);
  if (!found) return found;
  // Why a run was refused is in its exceptions.
  const bool refused = found->status == actors::RunStatus::REFUSED;
  if (!actors::has_results(*found) && !(refused && kind == "exceptions"))
    return fail(ExitCode::run_refused,
                fmt::format("{} has no results to export: it is {}{}.", found->id(),
                            actors::to_string(found->status),
                            found->reason.empty() ? "" : " (" + found->reason + ")"));
  return found;
}

Result<void> ExportCommand::check(const net::ExportTable* table) const {
  if (table == nullptr && kind != "all")
    return fail(ExitCode::usage,
                fmt::format("KIND {}: there is no such table. Choose one of {}, or all "
                            "for the tables of a run.",
                            kind, kinds_text()));
  if (table == nullptr && output.empty())
    return fail(ExitCode::usage,
                "export all writes one file per table: name a folder with --output.");
  if (day && !runs.empty())
    return fail(ExitCode::usage,
                "--run names runs, --day the last published run of a day: give one of them.");
  if ((table == nullptr || table->of_run) && (all_versions || as_of))
    return fail(ExitCode::usage, fmt::format("--all-versions and --as-of are for what is stored of "
                                             "meters, not for {}, a table of a run.",
                                             kind));
  if (table == nullptr || table->of_run) return {};
  const auto unknown = [&](std::string_view option) {
    return fail(ExitCode::usage,
                fmt::format("{} has no meaning for {}: leave it out.", option, kind));
  };
  if (!runs.empty()) return unknown("--run");
  if (day && !table->by_day) return unknown("--day");
  if (all_versions && !table->by_version) return unknown("--all-versions");
  if (as_of && !table->by_cutoff) return unknown("--as-of");
  return {};
}

Result<std::vector<actors::RunInfo>> ExportCommand::find_runs(const Context& context,
                                                              net::GridRecords& grid) const {
  std::vector<actors::RunInfo> found;
  for (const auto& run : runs.empty() ? std::vector<std::string>{"latest"} : runs) {
    auto one = find_one(context, grid, run);
    if (!one) return tl::unexpected(one.error());
    found.push_back(std::move(*one));
  }
  return found;
}

Result<ExitCode> ExportCommand::run_command(Context& context) const {
  const auto* table = net::find_export_table(kind);
  const auto checked = check(table).and_then([&] { return refuse_future("--as-of", as_of); });
  if (!checked) return tl::unexpected(checked.error());
  auto asked = ask_grid(context);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;
  net::TableRequest request{kind, {}, day, all_versions, as_of};
  request.format = format.value_or(context.json ? net::TableFormat::json : net::TableFormat::csv);
  Result<void> written;
  if (table != nullptr && !table->of_run) {
    written = write_table(grid, request, output);
  } else {
    const auto found = find_runs(context, grid);
    if (!found) return tl::unexpected(found.error());
    for (const auto& run : *found) request.runs.push_back(run.number);
    written = table == nullptr ? write_all(grid, *found, request.format, output)
                               : write_table(grid, request, output);
  }
  if (!written) return tl::unexpected(written.error());
  return ExitCode::done;
}

}  // namespace

void add_export(CommandLine& line) {
  auto options = std::make_shared<ExportCommand>();
  auto& command = line.add("export", "Write a table of results or stored data",
                           [options](Context& context) { return options->run_command(context); });
  command.add_option("KIND", options->kind, kinds_text() + "; all: every table of a run")
      ->required();
  command
      .add_option(
          "--run", options->runs,
          "Run id, or latest (the default): the last published run; may be given several times")
      ->type_name("RUN")
      ->take_all()
      ->allow_extra_args(false);
  add_parsed(
      command, "--day", options->day,
      "The last published run of that settlement day; of consumption and refusals: the UTC day; of "
      "registrations: those that govern that settlement day",
      core::parse_day_number)
      ->type_name("YYYY-MM-DD");
  add_parsed(command, "--format", options->format, "csv (default), json or jsonl",
             net::parse_table_format)
      ->type_name("FORMAT");
  command
      .add_option("--output,-o", options->output,
                  "File to write (default: standard output); a folder for all")
      ->type_name("FILE");
  command.add_flag("--all-versions", options->all_versions,
                   "Consumption: every version, not only what counts");
  add_parsed(command, "--as-of", options->as_of, "Only what was received at or before that instant",
             core::parse_instant)
      ->type_name("INSTANT");
}

}  // namespace hhgrid::app
