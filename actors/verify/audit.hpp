#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "actors/verify/audit_difference.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

struct AuditOptions {
  int threads = 2;  ///< Partitions are scanned by this many at once; at least 1.
};

/// What an audit of a run found.
struct AuditReport {
  std::uint32_t run_number = 0;
  std::string run_id;
  std::uint64_t meter_days = 0;        ///< Read: of the run's day and of its load shapes' history.
  std::uint64_t difference_count = 0;  ///< All of them: by row and field.
  std::vector<AuditDifference> differences;  ///< The first `audit_differences_max`.
  bool equal() const { return difference_count == 0; }
};

/// Recomputes a settled run from stored versions alone - consumption, registrations, annual
/// consumptions and standing data as of the run's marker positions and cut-off - and compares it
/// bit by bit with what is stored: components, BM unit volumes, factors, DUoS volumes, load shapes,
/// defaults per meter, exceptions, digests. Neither the ledger nor presence maps nor stored shape
/// sums are read.
///
/// Errors: foreign when there is no such run, or it has no results (neither published nor held);
/// damaged, newer_format or io when something it needs cannot be read, naming path, key and cause.
tl::expected<AuditReport, storage::Error> audit_run(const storage::StoreSet& stores,
                                                    const core::SettlementCalendar& calendar,
                                                    const AuditOptions& options,
                                                    std::uint32_t run_number);

}  // namespace hhgrid::actors
