#include "net/files/csv_writer.hpp"

#include <charconv>

#include "core/assertion.hpp"
#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::net {
namespace {

constexpr std::size_t flush_bytes = 64 * 1024;

}  // namespace

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const char c = text[0];
    const auto [size, code] = core::first_character(text);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (!code) {
      out += "\\ufffd";
    } else if (core::is_printable(*code)) {
      out += text.substr(0, size);
    } else {  // all of these have up to 16 bits
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += hex[*code >> shift & 15];
    }
    text.remove_prefix(size);
  }
  out += '"';
}

core::Parsed<TableFormat> parse_table_format(std::string_view text) {
  if (text == "csv") return TableFormat::csv;
  if (text == "json") return TableFormat::json;
  if (text == "jsonl") return TableFormat::jsonl;
  return core::parse_failure(text, "is not a format: csv, json or jsonl");
}

TableWriter::TableWriter(TableFormat format, std::vector<std::string> columns, Output output)
    : format_(format), columns_(std::move(columns)), output_(std::move(output)) {
  HHGRID_ASSERT(!columns_.empty());
  for (const auto& column : columns_) {
    append_json_string(keys_.emplace_back(), column);
    keys_.back() += ':';
    if (format_ != TableFormat::csv) continue;
    if (!buffer_.empty()) buffer_ += ',';
    append_csv_field(buffer_, column);
  }
  if (format_ == TableFormat::csv) buffer_ += '\n';
  if (format_ == TableFormat::json) buffer_ += '[';
}

void TableWriter::begin_value() {
  HHGRID_ASSERT(column_ < columns_.size(), column_);
  if (format_ == TableFormat::csv) {
    if (column_ > 0) buffer_ += ',';
  } else {
    if (column_ == 0 && format_ == TableFormat::json) buffer_ += rows_ == 0 ? "\n" : ",\n";
    buffer_ += column_ == 0 ? '{' : ',';
    buffer_ += keys_[column_];
  }
  ++column_;
}

TableWriter& TableWriter::text(std::string_view value) {
  begin_value();
  if (format_ == TableFormat::csv) {
    append_csv_field(buffer_, value);
  } else {
    append_json_string(buffer_, value);
  }
  return *this;
}

TableWriter& TableWriter::integer(std::int64_t value) {
  begin_value();
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  buffer_.append(digits, end);
  return *this;
}

TableWriter& TableWriter::decimal(std::int64_t scaled, int decimals) {
  begin_value();
  core::append_decimal(buffer_, scaled, decimals);
  return *this;
}

TableWriter& TableWriter::boolean(bool value) {
  begin_value();
  buffer_ += format_ == TableFormat::csv ? (value ? "T" : "F") : (value ? "true" : "false");
  return *this;
}

TableWriter& TableWriter::blank() {
  begin_value();
  if (format_ != TableFormat::csv) buffer_ += "null";
  return *this;
}

void TableWriter::end_row() {
  HHGRID_ASSERT(column_ == columns_.size(), column_, columns_.size());
  column_ = 0;
  ++rows_;
  if (format_ != TableFormat::csv) buffer_ += '}';
  if (format_ != TableFormat::json) buffer_ += '\n';
  if (buffer_.size() >= flush_bytes) flush();
}

bool TableWriter::finish() {
  HHGRID_ASSERT(column_ == 0, column_);
  if (!finished_) {
    finished_ = true;
    if (format_ == TableFormat::json) buffer_ += rows_ == 0 ? "]\n" : "\n]\n";
    flush();
  }
  return good_;
}

void TableWriter::flush() {
  if (good_) good_ = output_(buffer_);
  buffer_.clear();
}

}  // namespace hhgrid::net
