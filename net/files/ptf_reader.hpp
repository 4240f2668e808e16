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

struct PtfResult {
  std::uint64_t rows_read = 0, rows_accepted = 0;  ///< SPL records.
  std::uint64_t empty_lines = 0;
  std::optional<std::uint64_t> stopped_at;  ///< The line at which too much had been rejected.
};

/// Reads a D0265 line loss file that `verify_ptf` found whole: DIS (distributor), LLF (class), SDT
/// (settlement date), SPL (period and factor). Emits one entry a class and day. Reading ends early
/// when the sink fails or `rejected` is full; errors of reading are with `lines`.
PtfResult read_ptf(LineReader& lines, RowContext& context, RejectedRows& rejected);

}  // namespace hhgrid::net
