#include "net/files/ingest.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "net/files/ingest_inputs.hpp"
#include "net/files/ptf_reader.hpp"
#include "net/files/ptf_trailer.hpp"
#include "net/files/read_ahead.hpp"
#include "net/files/row_handler.hpp"

namespace hhgrid::net {
namespace {

namespace fs = std::filesystem;

/// Takes entries and forgets them: the first pass of `--strict`.
class NullSink : public IngestSink {
 public:
  storage::Topology topology() const override { return storage::Topology(1); }
  tl::expected<void, storage::Error> add(storage::PartitionId, storage::EntryWords) override {
    return {};
  }
  tl::expected<void, storage::Error> begin_source(const std::string&) override { return {}; }
  tl::expected<void, storage::Error> finish() override { return {}; }
};

// -- reading one file ---------------------------------------------------------

fs::path rejected_file_of(const Input& input, const IngestOptions& options) {
  const std::string name = input.is_standard_input() ? std::string(to_string(input.kind))
                                                     : input.path.filename().string();
  const fs::path folder =
      options.rejected_folder.empty() ? input.path.parent_path() : options.rejected_folder;
  return folder / (name + ".rejected.csv");
}

OpenedSource open_input(const Input& input) {
  if (input.bytes) return memory_source(input.bytes);
  if (input.is_standard_input()) return read_ahead(standard_input());
  auto source = open_source(input.path);
  if (!source) return source;
  return read_ahead(std::move(*source));
}

/// Errors of reading name the file themselves.
IngestError with_name(const std::string& name, const IngestError& error) {
  if (error.text.starts_with(name)) return error;
  return {error.code, name + ": " + error.text};
}

RowError unsplit_row(CsvReader::Row row, const CsvReader& reader) {
  if (row == CsvReader::Row::bad_quoting)
    return {"broken quoting", "", "",
            "a quote is not closed, or stands inside a field that does not begin with one"};
  return {"wrong number of fields", "", "",
          "the row has " + std::to_string(reader.field_count()) + " fields, the header has " +
              std::to_string(reader.header_field_count())};
}

IngestError too_many_rejected(const RejectedRows& rejected, std::uint64_t line) {
  return {IngestErrc::too_many_rejected,
          "reading stopped before line " + std::to_string(line) + ": " +
              std::to_string(rejected.count()) +
              " rows were rejected by then, as many as the limits of [ingest] let. Mend the file, "
              "or raise ingest.rejected_rows_max or ingest.rejected_mib_max"};
}

void read_csv(std::unique_ptr<ByteSource> source, const Input& input, const IngestOptions& options,
              RowContext& context, FileSummary& summary, std::optional<RejectedRows>& rejected) {
  CsvReader reader(std::move(source));
  const auto handler = make_row_handler(input.kind, context);
  // Rejected rows may be loaded again after repair, with their last column as it is.
  const auto header = reader.read_header(handler->columns(), "reason");
  if (!header) {
    summary.error = with_name(summary.name, header.error());
    return;
  }
  const auto columns = handler->columns();
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!columns[i].read && reader.has_column(i)) summary.unread_columns.push_back(columns[i].name);
  rejected.emplace(rejected_file_of(input, options), reader.header(), options.rejected_limits);
  while (!context.sink_error()) {
    const auto row = reader.next();
    if (row == CsvReader::Row::end) break;
    if (rejected->full()) {
      summary.error = with_name(summary.name, too_many_rejected(*rejected, reader.line_number()));
      break;
    }
    ++summary.rows_read;
    const auto outcome =
        row == CsvReader::Row::good ? handler->row(reader) : RowOutcome{{unsplit_row(row, reader)}};
    if (outcome.errors.empty()) {
      ++summary.rows_accepted;
    } else {
      rejected->add(reader.line_number(), reader.record(), outcome.errors);
    }
  }
  handler->finish();
  summary.empty_lines = reader.empty_lines();
  if (reader.error()) summary.error = with_name(summary.name, *reader.error());
}

/// A line loss file is read twice: nothing of it is taken before its trailer has shown that all of
/// it is there and unchanged.
void read_line_loss_file(std::unique_ptr<ByteSource> source, const Input& input,
                         const IngestOptions& options, RowContext& context, FileSummary& summary,
                         std::optional<RejectedRows>& rejected) {
  if (std::error_code ignored; !fs::is_regular_file(input.path, ignored)) {
    summary.error = unreadable(summary.name, "a line loss file is read twice: give a file").value();
    return;
  }
  LineReader first_reading(std::move(source));
  if (const auto sound = verify_ptf(first_reading); !sound) {
    summary.error = with_name(summary.name, sound.error());
    return;
  }
  auto again = open_input(input);
  if (!again) {
    summary.error = again.error();
    return;
  }
  LineReader lines(std::move(*again));
  rejected.emplace(rejected_file_of(input, options), "record", options.rejected_limits);
  const PtfResult result = read_ptf(lines, context, *rejected);
  summary.rows_read = result.rows_read;
  summary.rows_accepted = result.rows_accepted;
  summary.empty_lines = result.empty_lines;
  if (result.stopped_at)
    summary.error = with_name(summary.name, too_many_rejected(*rejected, *result.stopped_at));
  if (lines.error()) summary.error = with_name(summary.name, *lines.error());
}

FileSummary read_file(const Input& input, const IngestOptions& options, RowContext& context) {
  FileSummary summary;
  summary.name = input.path.string();
  summary.kind = input.kind;
  auto source = open_input(input);
  if (!source) {
    summary.error = source.error();
    return summary;
  }
  std::optional<RejectedRows> rejected;
  const std::uint64_t entries_before = context.entries();
  const auto read = input.is_ptf() ? &read_line_loss_file : &read_csv;
  read(std::move(*source), input, options, context, summary, rejected);
  summary.entries = context.entries() - entries_before;
  if (rejected && rejected->count() > 0) {
    summary.rows_rejected = rejected->count();
    summary.rejected_by_reason = rejected->by_reason();
    summary.first_by_reason = rejected->first_by_reason();
    summary.rejections = rejected->samples();
    if (const auto closed = rejected->close(); closed)
      summary.rejected_file = rejected->target();
    else if (!summary.error)
      summary.error = closed.error();
  }
  return summary;
}

// -- loading all of them ------------------------------------------------------

/// The first pass of `--strict`: reads everything, hands on nothing.
IngestSummary examine(const std::vector<Input>& inputs, const IngestOptions& options,
                      const core::SettlementCalendar& calendar) {
  IngestSummary summary;
  NullSink nowhere;
  RowContext context(nowhere, calendar);
  for (const auto& input : inputs) summary.files.push_back(read_file(input, options, context));
  return summary;
}

void not_stored(IngestSummary& summary, const storage::Error& error) {
  summary.error =
      IngestError{IngestErrc::not_stored, "the grid did not take what was read: " + error.text};
}

void load(const std::vector<Input>& inputs, const IngestOptions& options,
          const core::SettlementCalendar& calendar, IngestSink& sink, IngestSummary& summary) {
  RowContext context(sink, calendar);
  for (const auto& input : inputs) {
    if (const auto begun = sink.begin_source(input.path.string()); !begun)
      return not_stored(summary, begun.error());
    summary.files.push_back(read_file(input, options, context));
    if (context.sink_error()) return not_stored(summary, *context.sink_error());
  }
  if (const auto done = sink.finish(); !done) not_stored(summary, done.error());
}

std::uint64_t sum(const std::vector<FileSummary>& files, std::uint64_t FileSummary::*count) {
  std::uint64_t total = 0;
  for (const auto& file : files) total += file.*count;
  return total;
}

}  // namespace

std::uint64_t IngestSummary::rows_read() const { return sum(files, &FileSummary::rows_read); }
std::uint64_t IngestSummary::rows_accepted() const {
  return sum(files, &FileSummary::rows_accepted);
}
std::uint64_t IngestSummary::rows_rejected() const {
  return sum(files, &FileSummary::rows_rejected);
}

bool IngestSummary::complete() const {
  return !error && std::all_of(files.begin(), files.end(), [](const FileSummary& file) {
    return !file.error && file.rows_rejected == 0;
  });
}

IngestSummary ingest_paths(std::span<const fs::path> paths, const IngestOptions& options,
                           IngestSink& sink) {
  InputList list(options);
  for (const auto& path : paths) list.add(path);
  auto inputs = list.take_inputs();
  auto failures = list.take_failures();
  auto passed_over = list.take_passed_over();
  const auto calendar = core::SettlementCalendar::europe_london();

  IngestSummary summary;
  if (options.strict) {
    for (auto& input : inputs) {
      if (!input.is_standard_input()) continue;
      if (const auto kept = keep_standard_input(input); !kept)
        failures.push_back(failed_file("-", kept.error()));
    }
    summary = examine(inputs, options, calendar);
    summary.passed_over = passed_over;
    summary.files.insert(summary.files.end(), failures.begin(), failures.end());
    if (!summary.complete()) {
      const auto unread = std::count_if(summary.files.begin(), summary.files.end(),
                                        [](const auto& file) { return file.error.has_value(); });
      std::vector<std::string> bad;
      if (unread > 0) bad.push_back(fmt::format("{} files", unread));
      if (summary.rows_rejected() > 0)
        bad.push_back(fmt::format("{} rows", summary.rows_rejected()));
      summary.error = IngestError{
          IngestErrc::refused,
          fmt::format("nothing was loaded: with --strict every file and row must be good, and "
                      "these are not: {}",
                      fmt::join(bad, ", "))};
      return summary;
    }
    summary = {};
  }
  summary.passed_over = std::move(passed_over);
  load(inputs, options, calendar, sink, summary);
  summary.files.insert(summary.files.end(), failures.begin(), failures.end());
  return summary;
}

IngestSummary ingest_path(const fs::path& path, const IngestOptions& options, IngestSink& sink) {
  return ingest_paths({&path, 1}, options, sink);
}

}  // namespace hhgrid::net
