#pragma once

#include <memory>
#include <optional>
#include <span>

#include "core/calendar.hpp"
#include "net/files/csv_reader.hpp"
#include "net/files/file_kind.hpp"
#include "net/files/row_fields.hpp"
#include "net/ingest/ingest_session.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {

/// What the readers of all files share: where entries go. After the sink has failed everything
/// further is dropped, and whoever drives the readers must stop.
class RowContext {
 public:
  RowContext(IngestSink& sink, const core::SettlementCalendar& calendar)
      : sink_(sink), calendar_(calendar) {}

  void emit_meter(core::Mpan mpan, storage::EntryWords entry) {
    note(sink_.add_meter(mpan, entry));
  }
  void emit_gsp_group(core::GspGroup gsp_group, storage::EntryWords entry) {
    note(sink_.add_gsp_group(gsp_group, entry));
  }
  void emit_market(storage::EntryWords entry) { note(sink_.add_market(entry)); }

  storage::EntryScratch& scratch() { return scratch_; }
  const core::SettlementCalendar& calendar() const { return calendar_; }
  std::uint64_t entries() const { return entries_; }
  const std::optional<storage::Error>& sink_error() const { return sink_error_; }

 private:
  void note(tl::expected<void, storage::Error> added) {
    ++entries_;
    if (!added && !sink_error_) sink_error_ = std::move(added.error());
  }

  IngestSink& sink_;
  const core::SettlementCalendar& calendar_;
  storage::EntryScratch scratch_;
  std::uint64_t entries_ = 0;
  std::optional<storage::Error> sink_error_;
};

/// Turns the rows of one kind of file into entries.
class RowHandler {
 public:
  virtual ~RowHandler() = default;
  virtual std::span<const Column> columns() const = 0;
  /// Takes the reader's current row.
  virtual RowOutcome row(const CsvReader& reader) = 0;
  /// Emits what was collected from several rows; after the last row.
  virtual void finish() {}
};

/// The reader of a supported kind (asserted).
std::unique_ptr<RowHandler> make_row_handler(FileKind kind, RowContext& context);

/// The names p1 ... p48.
std::string_view period_column_name(int period);

}  // namespace hhgrid::net
