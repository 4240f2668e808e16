#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "net/files/line_reader.hpp"

namespace hhgrid::net {

/// The check sum of a file in the format of the Data Transfer Network, as its ZPT record gives it:
/// the exclusive or of the big-endian words of four bytes of every record before that one, without
/// line ends, the last word of a record filled up with zeros. Of the header ZHD only
/// `ZHD|flow|role|from|role|to|time` counts: not its empty second field, and nothing behind the
/// time.
class PtfChecksum {
 public:
  /// The first record of the file.
  void add_header(std::string_view record);
  /// Every other one. In this header because a line loss file has millions.
  void add(std::string_view record) {
    std::uint32_t words = 0, word = 0;
    for (; record.size() >= sizeof word; record.remove_prefix(sizeof word)) {
      std::memcpy(&word, record.data(), sizeof word);
      words ^= word;
    }
    word = 0;
    std::memcpy(&word, record.data(), record.size());
    bytes_ ^= words ^ word;
  }
  std::uint32_t value() const;

 private:
  std::uint32_t bytes_ = 0;  // as they lie in memory
};

/// Reads a D0265 line loss file to its end and says whether it is whole and unchanged: it begins
/// with ZHD of D0265001, ends with ZPT, and has as many records and the check sum that ZPT says.
/// Empty lines count for nothing. Errors: bad_header (another file), unreadable.
tl::expected<void, IngestError> verify_ptf(LineReader& lines);

}  // namespace hhgrid::net
