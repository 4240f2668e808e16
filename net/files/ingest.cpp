#include "net/files/ingest.hpp"

#include <algorithm>

#include "net/files/ingest_inputs.hpp"
#include "net/files/ptf_reader.hpp"
#include "net/files/row_handler.hpp"

namespace hhgrid::net {
namespace {

namespace fs = std::filesystem;

/// Takes entries and forgets them: the first pass of `--strict`.
class NullSink : public IngestSink {
 public:
  std::uint16_t partition_count() const override { return 1; }
  tl::expected<void, storage::Error> add(storage::PartitionId, storage::EntryWords) override {
    return {};
  }
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

void read_csv(std::unique_ptr<ByteSource> source, const Input& input, const fs::path& rejected_path,
              RowContext& context, FileSummary& summary, std::optional<RejectedRows>& rejected) {
  CsvReader reader(std::move(source));
  const auto handler = make_row_handler(input.kind, context);
  // Rejected rows may be loaded again after repair, with their last column as it is.
  const auto header = reader.read_header(handler->columns(), "reason");
  if (!header) {
    summary.error = with_name(summary.name, header.error());
    return;
  }
  rejected.emplace(rejected_path, reader.header());
  while (!context.sink_error()) {
    const auto row = reader.next();
    if (row == CsvReader::Row::end) break;
    ++summary.rows_read;
    auto error = row == CsvReader::Row::good ? handler->row(reader) : unsplit_row(row, reader);
    if (error) {
      rejected->add(reader.line_number(), reader.record(), std::move(*error));
    } else {
      ++summary.rows_accepted;
    }
  }
  handler->finish();
  if (reader.error()) summary.error = with_name(summary.name, *reader.error());
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
  const fs::path rejected_path = rejected_file_of(input, options);
  if (!input.is_standard_input() && is_ptf(input.path)) {
    LineReader lines(std::move(*source));
    rejected.emplace(rejected_path, "record");
    const PtfResult result = read_ptf(lines, context, *rejected);
    summary.rows_read = result.rows_read;
    summary.rows_accepted = result.rows_accepted;
    if (result.error) summary.error = with_name(summary.name, *result.error);
  } else {
    read_csv(std::move(*source), input, rejected_path, context, summary, rejected);
  }
  summary.entries = context.entries() - entries_before;
  if (rejected && rejected->count() > 0) {
    summary.rows_rejected = rejected->count();
    summary.rejected_by_reason = rejected->by_reason();
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
          const core::SettlementCalendar& calendar, IngestSession& session,
          IngestSummary& summary) {
  RowContext context(session, calendar);
  for (const auto& input : inputs) {
    if (const auto begun = session.begin_source(input.path.string()); !begun)
      return not_stored(summary, begun.error());
    summary.files.push_back(read_file(input, options, context));
    if (context.sink_error()) return not_stored(summary, *context.sink_error());
  }
  if (const auto flushed = session.flush(); !flushed) not_stored(summary, flushed.error());
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
                           IngestSession& session) {
  InputList list(options);
  for (const auto& path : paths) list.add(path);
  auto inputs = list.take_inputs();
  auto failures = list.take_failures();
  const auto calendar = core::SettlementCalendar::europe_london();

  IngestSummary summary;
  if (options.strict) {
    for (auto& input : inputs) {
      if (!input.is_standard_input()) continue;
      if (const auto kept = keep_standard_input(input); !kept)
        failures.push_back(failed_file("-", kept.error()));
    }
    summary = examine(inputs, options, calendar);
    summary.files.insert(summary.files.end(), failures.begin(), failures.end());
    if (!summary.complete()) {
      const auto unread = std::count_if(summary.files.begin(), summary.files.end(),
                                        [](const auto& file) { return file.error.has_value(); });
      summary.error =
          IngestError{IngestErrc::refused,
                      "nothing was loaded: with --strict every file and row must be good, and " +
                          std::to_string(unread) + " files and " +
                          std::to_string(summary.rows_rejected()) + " rows are not"};
      return summary;
    }
    summary = {};
  }
  load(inputs, options, calendar, session, summary);
  summary.files.insert(summary.files.end(), failures.begin(), failures.end());
  return summary;
}

IngestSummary ingest_path(const fs::path& path, const IngestOptions& options,
                          IngestSession& session) {
  return ingest_paths({&path, 1}, options, session);
}

}  // namespace hhgrid::net
