#include "net/ingest.hpp"

#include <algorithm>
#include <tuple>

#include "net/ptf_reader.hpp"
#include "net/row_handler.hpp"

namespace hhgrid::net {
namespace {

namespace fs = std::filesystem;

/// Everything that `--strict` has to read twice from standard input is kept in memory; beyond this
/// it is refused.
constexpr std::size_t standard_input_bytes_max = std::size_t{1} << 30;

/// A file to load; `bytes` when it is standard input that was read beforehand.
struct Input {
  fs::path path;
  FileKind kind{};
  std::shared_ptr<const std::string> bytes;
  bool is_standard_input() const { return path == "-"; }
};

/// Takes entries and forgets them: the first pass of `--strict`.
class NullSink : public IngestSink {
 public:
  std::uint16_t partition_count() const override { return 1; }
  tl::expected<void, storage::Error> add(storage::PartitionId, storage::EntryWords) override {
    return {};
  }
};

FileSummary failed_file(const fs::path& path, IngestError error) {
  FileSummary summary;
  summary.name = path.string();
  summary.error = std::move(error);
  return summary;
}

// -- finding files ------------------------------------------------------------

class InputList {
 public:
  explicit InputList(const IngestOptions& options) : options_(options) {}

  void add(const fs::path& path) {
    std::error_code error;
    if (path == "-") {
      add_standard_input();
    } else if (fs::is_directory(path, error)) {
      add_folder(path);
    } else {
      add_file(path);
    }
  }

  /// Sorted by dependency, then by name.
  std::vector<Input> take_inputs() {
    std::stable_sort(inputs_.begin(), inputs_.end(), [](const Input& a, const Input& b) {
      return std::tie(a.kind, a.path) < std::tie(b.kind, b.path);
    });
    return std::move(inputs_);
  }
  std::vector<FileSummary> take_failures() { return std::move(failures_); }

 private:
  void add_standard_input() {
    if (options_.kind) {
      add_kind("-", *options_.kind);
    } else {
      failures_.push_back(
          failed_file("-", {IngestErrc::unknown_kind,
                            "standard input has no name to tell its kind by: say --kind"}));
    }
  }

  void add_folder(const fs::path& folder) {
    std::error_code error;
    const std::size_t before = inputs_.size() + failures_.size();
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (!at->is_directory() && has_data_extension(at->path()) && !is_rejected_file(at->path()))
        add_file(at->path());
    }
    if (error) {
      failures_.push_back(failed_file(
          folder,
          {IngestErrc::not_found, folder.string() + " cannot be listed: " + error.message()}));
    } else if (inputs_.size() + failures_.size() == before) {
      failures_.push_back(failed_file(
          folder,
          {IngestErrc::not_found,
           folder.string() + " holds no file of the contract (.csv, .csv.gz, .csv.zst, .ptf)"}));
    }
  }

  void add_file(const fs::path& path) {
    const auto kind =
        options_.kind ? tl::expected<FileKind, IngestError>(*options_.kind) : kind_of_file(path);
    if (kind) {
      add_kind(path, *kind);
    } else {
      failures_.push_back(failed_file(path, kind.error()));
    }
  }

  void add_kind(const fs::path& path, FileKind kind) {
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

  const IngestOptions& options_;
  std::vector<Input> inputs_;
  std::vector<FileSummary> failures_;
};

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
  // A file of rejected rows may be loaded again after repair, with its last column as it is.
  const auto header =
      reader.read_header(handler->columns(), is_rejected_file(input.path) ? "reason" : "");
  if (!header) {
    summary.error = IngestError{header.error().code, summary.name + ": " + header.error().text};
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
  if (reader.error())
    summary.error = IngestError{reader.error()->code, summary.name + ": " + reader.error()->text};
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
    if (result.error)
      summary.error = IngestError{result.error->code, summary.name + ": " + result.error->text};
  } else {
    read_csv(std::move(*source), input, rejected_path, context, summary, rejected);
  }
  summary.entries = context.entries() - entries_before;
  if (rejected && rejected->count() > 0) {
    summary.rows_rejected = rejected->count();
    summary.rejected_by_reason = rejected->by_reason();
    summary.rejections = rejected->samples();
    summary.rejected_file = rejected->target();
    if (const auto closed = rejected->close(); !closed && !summary.error)
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
      summary.error = IngestError{IngestErrc::refused,
                                  "nothing was loaded: with --strict every row must be good, and " +
                                      std::to_string(summary.rows_rejected()) + " are not"};
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
