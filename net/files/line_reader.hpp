#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "net/files/byte_source.hpp"

namespace hhgrid::net {

/// Cuts bytes into lines without copying them. A UTF-8 byte order mark at the start, LF and CRLF
/// ends are dropped; the last line needs no end.
class LineReader {
 public:
  /// A longer line is an error: no file of the contract has one, and memory stays bounded.
  static constexpr std::size_t line_bytes_max = 1 << 20;

  explicit LineReader(std::unique_ptr<ByteSource> source);

  /// The next line, valid until the next call of anything here; nothing at the end or after an
  /// error.
  std::optional<std::string_view> next();
  /// The current record with one more line added (a quoted field may hold line ends); nothing at
  /// the end.
  std::optional<std::string_view> extend();
  /// Gives back the lines that `extend` added and returns the first line of the record.
  std::string_view shrink();

  /// The number of the first line of the current record, from 1.
  std::uint64_t line_number() const { return record_line_; }
  /// Why reading ended before the end.
  const std::optional<IngestError>& error() const { return error_; }

 private:
  /// Moves the current record to the front and reads more behind it; false when nothing came.
  bool refill();
  /// Finds the line end at or after `next_`; sets `line_end_` and moves `next_` behind it.
  bool take_line();
  std::string_view record() const;

  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::size_t end_ = 0;         // of the bytes in the buffer
  std::size_t record_ = 0;      // where the current record begins
  std::size_t first_end_ = 0;   // where its first line ends
  std::size_t first_next_ = 0;  // where the line after its first one begins
  std::size_t line_end_ = 0;    // where its last line ends
  std::size_t next_ = 0;        // where the line after it begins
  std::uint64_t record_line_ = 0, next_line_ = 1;
  bool at_end_ = false;
  std::optional<IngestError> error_;
};

}  // namespace hhgrid::net
