#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"
#include "net/files/row_error.hpp"

namespace hhgrid::net {

/// The neighbouring rows that are joined to one entry (of a meter-day, of a GSP Group's day, of a
/// line loss class's day), each about one period. They are kept as they were until the entry is
/// handed on: a row may still contradict one before it, and then both are rejected.
class PeriodRows {
 public:
  /// So many rows are joined at most: who repeats himself for ever gets several entries.
  static constexpr std::size_t rows_max = 4096;

  void clear();
  bool empty() const { return rows_.empty(); }
  bool full() const { return rows_.size() >= rows_max; }

  /// Whether a row before spoke of the period (0-based).
  bool has(std::size_t slot) const { return said_[slot]; }
  /// Whether rows before contradicted each other about it: no further row can be right.
  bool contradicted(std::size_t slot) const { return contradicted_[slot]; }
  /// Whether the same was said more than once.
  bool repeated(std::size_t slot) const { return repeated_[slot] && !contradicted_[slot]; }

  /// Keeps a row that says something first, or the same again.
  void keep(std::size_t slot, std::uint64_t line, std::string_view record) {
    repeated_[slot] = said_[slot];
    said_.set(slot);
    rows_.push_back({slot, line, text_.size(), record.size()});
    text_ += record;
  }
  /// A row contradicts those before it about the period, or comes after such a one: rejects it and
  /// withdraws them.
  RowOutcome contradict(std::size_t slot, const RowError& error);

 private:
  struct Row {
    std::size_t slot;
    std::uint64_t line;
    std::size_t begin, size;  // in `text_`
  };
  using Periods = std::bitset<core::settlement_periods_max>;

  std::vector<Row> rows_;
  std::string text_;
  Periods said_, repeated_, contradicted_;
};

}  // namespace hhgrid::net
