#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "net/files/line_reader.hpp"
#include "net/files/record_splitter.hpp"

namespace hhgrid::net {

/// A column of the contract.
struct Column {
  std::string_view name;
  bool required = true;
  bool read = true;  ///< Else it may be there, and this version makes nothing of it.
};

/// Reads a CSV file by the names of its columns.
class CsvReader {
 public:
  /// What `next` met.
  enum class Row {
    good,
    bad_field_count,  ///< Not as many fields as the header has; `record()` is the row.
    bad_quoting,  ///< A quote is not closed or stands inside an unquoted field; `record()` is the
                  ///< line.
    end,          ///< Of the file, or `error()` says why not.
  };

  explicit CsvReader(std::unique_ptr<ByteSource> source) : lines_(std::move(source)) {}

  /// Reads the header and finds `columns` in it; `ignored` names a column that may be there and is
  /// not read (may be empty). Errors: bad_header (unknown, repeated or missing column, by name; a
  /// first row without any; an empty file), unreadable.
  tl::expected<void, IngestError> read_header(std::span<const Column> columns,
                                              std::string_view ignored);
  /// The next row; lines without any value (empty, or commas alone) are left out and counted.
  Row next();

  /// A field of the row by its index in the columns given; empty when the file lacks the column.
  std::string_view field(std::size_t column) const {
    const int position = positions_[column];
    return position < 0 ? std::string_view()
                        : splitter_.fields()[static_cast<std::size_t>(position)];
  }
  bool has_column(std::size_t column) const { return positions_[column] >= 0; }
  std::string_view record() const { return record_; }
  const std::string& header() const { return header_; }
  std::size_t field_count() const { return splitter_.fields().size(); }
  std::size_t header_field_count() const { return header_fields_; }
  std::uint64_t line_number() const { return lines_.line_number(); }
  std::uint64_t empty_lines() const { return empty_lines_; }
  const std::optional<IngestError>& error() const { return lines_.error(); }

 private:
  /// The next record that is not blank, quoted line ends included; false at the end.
  bool next_record();
  std::string describe_unknown(std::string_view unknown, std::span<const Column> columns) const;

  LineReader lines_;
  RecordSplitter splitter_;
  std::string header_;
  std::string_view record_;
  std::size_t header_fields_ = 0;
  std::uint64_t empty_lines_ = 0;
  std::vector<int> positions_;
};

}  // namespace hhgrid::net
