#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/types.hpp"

namespace hhgrid::net {

/// Appends a field, quoted (RFC 4180) only when it has to be.
void append_csv_field(std::string& out, std::string_view text);
/// Appends a JSON string with its quotes. The text may be anything: a byte that is no UTF-8 becomes
/// U+FFFD, and what would act on a terminal is escaped.
void append_json_string(std::string& out, std::string_view text);

enum class TableFormat { csv, json, jsonl };
/// `csv`, `json`, `jsonl`; the error names the choices.
core::Parsed<TableFormat> parse_table_format(std::string_view text);

/// Writes one table. The values of a row are given in the order of the columns, then the row is
/// ended:
///     writer.text(id).integer(period).decimal(energy_wh, 6).end_row();
/// csv: header and rows; json: an array of objects; jsonl: one object a line. Decimals are JSON
/// numbers with all their decimals, so no digit is lost in the text; a blank is an empty field, or
/// null.
class TableWriter {
 public:
  /// Takes the bytes, about 64 kB at a time; false stops the writing.
  using Output = std::function<bool(std::string_view)>;

  TableWriter(TableFormat format, std::vector<std::string> columns, Output output);

  TableWriter& text(std::string_view value);
  TableWriter& integer(std::int64_t value);
  /// `scaled` times 10^-decimals.
  TableWriter& decimal(std::int64_t scaled, int decimals);
  /// `T`/`F` in csv, true/false in JSON.
  TableWriter& boolean(bool value);
  TableWriter& blank();
  /// Every column must have its value (asserted).
  void end_row();
  /// Ends the table and hands on what is left; false when the output refused something.
  bool finish();
  std::uint64_t rows() const { return rows_; }

 private:
  void begin_value();
  void flush();

  TableFormat format_;
  std::vector<std::string> columns_;
  std::vector<std::string> keys_;  // `"name":` of each column
  Output output_;
  std::string buffer_;
  std::size_t column_ = 0;
  std::uint64_t rows_ = 0;
  bool good_ = true, finished_ = false;
};

}  // namespace hhgrid::net
