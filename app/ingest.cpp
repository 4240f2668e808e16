#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/ingest_report.hpp"
#include "app/progress.hpp"
#include "app/wait_applied.hpp"
#include "core/partitioning.hpp"
#include "net/files/ingest.hpp"

namespace hhgrid::app {
namespace {

namespace fs = std::filesystem;

struct IngestCommand {
  std::vector<fs::path> paths;
  std::optional<net::FileKind> kind;
  bool strict = false;
  std::optional<core::Instant> received_at;
  std::optional<core::ParticipantId> participant;
  std::optional<std::uint16_t> partitions;
  std::optional<std::uint32_t> batch_entries;
  fs::path rejected_folder;

  Result<ExitCode> run(Context& context) const;

 private:
  Result<void> check_paths() const;
  core::ParticipantId sender(const Context& context) const;
  net::FeedOptions feed_options(const Context& context) const;
};

core::Parsed<net::FileKind> parse_kind(const std::string& name) {
  auto kind = net::parse_file_kind(name);
  if (!kind) return tl::unexpected(core::ParseError{kind.error().text});
  return *kind;
}

/// A path that is not there is found before a grid is made for it, and there is a place for what is
/// rejected.
Result<void> IngestCommand::check_paths() const {
  for (const auto& path : paths) {
    std::error_code error;
    if (path != "-" && !fs::exists(path, error))
      return fail(ExitCode::input_refused,
                  path.string() + ": there is no such file or folder. Nothing was loaded.");
  }
  std::error_code error;
  if (!rejected_folder.empty()) fs::create_directories(rejected_folder, error);
  if (error)
    return fail(ExitCode::usage,
                fmt::format("--rejected {}: {}. Name a folder that can be written. Nothing was "
                            "loaded.",
                            rejected_folder.string(), error.message()));
  return {};
}

/// Nobody when neither the command line nor the settings name one.
core::ParticipantId IngestCommand::sender(const Context& context) const {
  const std::string& setting = context.settings.ingest.participant;
  if (participant || setting.empty()) return participant.value_or(core::ParticipantId());
  return core::ParticipantId::parse(setting).value();  // the settings are checked
}

net::FeedOptions IngestCommand::feed_options(const Context& context) const {
  return {received_at, sender(context), batch_entries};
}

Result<ExitCode> IngestCommand::run(Context& context) const {
  const auto checked =
      refuse_future("--received-at", received_at).and_then([&] { return check_paths(); });
  if (!checked) return tl::unexpected(checked.error());
  auto asked = ask_or_create_grid(context, partitions);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;

  IngestReport report;
  const auto before = count_entries(grid);
  if (!before) return fail(before.error());
  report.before = *before;
  const auto begun = std::chrono::steady_clock::now();
  tl::expected<void, storage::Error> stored;
  {
    const auto feed = grid.feed(feed_options(context));
    if (!feed) return fail(feed.error());
    FileReadProgress files(paths);
    Progress progress(context.err, context.talks(), [&] {
      return Progress::State{"loading", files.fraction(), (*feed)->entries(), "entries"};
    });
    net::IngestOptions options;
    options.strict = strict;
    options.kind = kind;
    options.rejected_folder = rejected_folder;
    options.rejected_limits = {context.settings.ingest.rejected_rows_max,
                               context.settings.ingest.rejected_mib_max << 20};
    report.summary = net::ingest_paths(paths, options, (*feed)->sink());
    stored = (*feed)->finish();
  }
  if (stored) stored = wait_applied(context, grid);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const auto after = count_entries(grid);
  if (!after && stored) stored = tl::unexpected(after.error());
  report.after = after.value_or(report.before);
  if (!stored) report.not_stored = failure_of(stored.error());
  return report.print(context);
}

}  // namespace

void add_ingest(CommandLine& line) {
  auto options = std::make_shared<IngestCommand>();
  auto& command = line.add("ingest", "Load files or folders of the CSV contract into the grid",
                           [options](Context& context) { return options->run(context); });
  command.add_option("PATH", options->paths, "Files, folders of files, or - for standard input")
      ->required();
  add_parsed(command, "--kind", options->kind,
             "Kind of every file given, such as registrations or consumption (default: what its "
             "name begins with; docs/formats.md has all kinds and their columns)",
             parse_kind)
      ->type_name("KIND");
  command.add_flag("--strict", options->strict, "One bad row anywhere: load nothing");
  add_parsed(command, "--received-at", options->received_at,
             "When it was received (default: now), to replay history", core::parse_instant)
      ->type_name("INSTANT");
  add_parsed(command, "--participant", options->participant,
             "The market participant that has sent it: told what is refused (default: "
             "ingest.participant)",
             core::ParticipantId::parse)
      ->type_name("MPID");
  command.add_option("--partitions", options->partitions, "Meter partitions of a new grid")
      ->check(CLI::Range(1, int{core::meter_partitions_max}));
  command
      .add_option("--batch-entries", options->batch_entries,
                  "Entries per durable block and commit (default: actors.batch_entries_max)")
      ->check(CLI::Range(1U, storage::block_entries_max));
  command
      .add_option("--rejected", options->rejected_folder,
                  "Folder for <file>.rejected.csv (default: beside the file)")
      ->type_name("DIR");
}

}  // namespace hhgrid::app
