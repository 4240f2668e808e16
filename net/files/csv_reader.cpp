#include "net/files/csv_reader.hpp"

#include <algorithm>

#include "storage/wire/record.hpp"

namespace hhgrid::net {
namespace {

/// A record with quoted line ends may be so long; beyond, a quote that is never closed is the
/// likelier reading.
constexpr std::size_t record_bytes_max = 64 * 1024;

bool has_open_quote(std::string_view record) {
  return std::count(record.begin(), record.end(), '"') % 2 != 0;
}

bool has_value(std::string_view record) {
  return record.find_first_not_of(", \t") != std::string_view::npos;
}

/// What columns are separated by in a header that has no comma; nothing when it may be one column.
std::string_view other_separator(std::string_view header) {
  if (header.find('\t') != std::string_view::npos) return "tabs";
  if (header.find(';') != std::string_view::npos) return "';'";
  if (header.find('|') != std::string_view::npos) return "'|'";
  return {};
}

tl::unexpected<IngestError> bad_header(std::string text) {
  return tl::unexpected(IngestError{IngestErrc::bad_header, std::move(text)});
}

std::string names_of(std::span<const Column> columns) {
  std::string text;
  for (const auto& column : columns) text.append(text.empty() ? "" : ", ").append(column.name);
  return text;
}

}  // namespace

tl::expected<void, IngestError> CsvReader::read_header(std::span<const Column> columns,
                                                       std::string_view ignored) {
  if (!next_record()) {
    if (error()) return tl::unexpected(*error());
    return bad_header("the file is empty: it needs a header row with the columns " +
                      names_of(columns));
  }
  header_ = record_;
  if (record_.starts_with("\x1f\x8b"))
    return bad_header("this is gzip: its name has to end in .gz, or unpack it");
  if (record_.starts_with("\x28\xb5\x2f\xfd"))
    return bad_header("this is Zstandard: its name has to end in .zst, or unpack it");
  if (record_.starts_with("PK\x03\x04"))
    return bad_header(
        "this is a zip or a spreadsheet: its name has to end in .zip, or save it as CSV in UTF-8");
  if (!splitter_.split(record_)) return bad_header("the quoting of the header is broken");
  header_fields_ = splitter_.fields().size();
  positions_.assign(columns.size(), -1);
  for (std::size_t i = 0; i < header_fields_; ++i) {
    const auto name = splitter_.fields()[i];
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const Column& c) { return c.name == name; });
    if (column == columns.end()) {
      if (!ignored.empty() && name == ignored) continue;
      return bad_header(describe_unknown(name, columns));
    }
    int& position = positions_[static_cast<std::size_t>(column - columns.begin())];
    if (position >= 0)
      return bad_header("column '" + std::string(name) + "' stands twice in the header");
    position = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].required && positions_[i] < 0)
      return bad_header("column '" + std::string(columns[i].name) + "' is missing");
  return {};
}

/// What is wrong with a header that has an unknown column, and what it may have been meant to be.
std::string CsvReader::describe_unknown(std::string_view unknown,
                                        std::span<const Column> columns) const {
  const auto& names = splitter_.fields();
  const auto has = [&](const Column& column) {
    return std::find(names.begin(), names.end(), column.name) != names.end();
  };
  if (std::none_of(columns.begin(), columns.end(), has)) {
    const auto separator = header_fields_ == 1 ? other_separator(unknown) : std::string_view();
    return (separator.empty()
                ? "the first row is no header in UTF-8"
                : "columns are separated by commas, not by " + std::string(separator)) +
           ": it has none of the columns " + names_of(columns);
  }
  std::string missing;
  for (const auto& column : columns)
    if (column.required && !has(column))
      missing.append(missing.empty() ? "" : ", ").append(column.name);
  return "column '" + storage::printable_key(unknown) + "' is unknown" +
         (missing.empty() ? "" : ", and missing is " + missing) + "; there are " +
         names_of(columns);
}

CsvReader::Row CsvReader::next() {
  if (!next_record()) return Row::end;
  if (!splitter_.split(record_)) {
    record_ = lines_.shrink();  // the lines after it may be good
    return Row::bad_quoting;
  }
  return field_count() == header_fields_ ? Row::good : Row::bad_field_count;
}

bool CsvReader::next_record() {
  do {
    const auto line = lines_.next();
    if (!line) return false;
    record_ = *line;
    if (!has_value(record_)) ++empty_lines_;
  } while (!has_value(record_));
  if (record_.find('"') == std::string_view::npos) return true;
  while (has_open_quote(record_) && record_.size() <= record_bytes_max) {
    const auto longer = lines_.extend();
    if (!longer) break;
    record_ = *longer;
  }
  return true;
}

}  // namespace hhgrid::net
