#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/files/line_reader.hpp"
#include "net/files/rejected_rows.hpp"
#include "net/files/row_handler.hpp"

namespace hhgrid::net {

/// The two digits of a distributor from its market participant id (`LOND` is 12); nothing for an
/// unknown one.
std::optional<std::uint8_t> distributor_of_participant(std::string_view participant);

/// Reads a D0265 line loss file: header ZHD, then DIS (distributor), LLF (class), SDT (settlement
/// date), SPL (period and factor), and the trailer ZPT with the number of records. Emits one entry
/// a class and day. Rows in the summary are SPL records. A file without its trailer, or with
/// another number of records, was cut off.
struct PtfResult {
  std::uint64_t rows_read = 0, rows_accepted = 0;
  std::optional<IngestError> error;
};
PtfResult read_ptf(LineReader& lines, RowContext& context, RejectedRows& rejected);

}  // namespace hhgrid::net
