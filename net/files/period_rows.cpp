#include "net/files/period_rows.hpp"

namespace hhgrid::net {

void PeriodRows::clear() {
  rows_.clear();
  text_.clear();
  said_.reset();
  repeated_.reset();
  contradicted_.reset();
}

RowOutcome PeriodRows::contradict(std::size_t slot, const RowError& error) {
  RowOutcome outcome{{error}, {}};
  if (!contradicted_[slot])
    for (const Row& row : rows_)
      if (row.slot == slot)
        outcome.withdrawn.push_back({row.line, text_.substr(row.begin, row.size), error});
  contradicted_.set(slot);
  return outcome;
}

}  // namespace hhgrid::net
