#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/gsp/group_volumes.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/market/load_shape.hpp"
#include "actors/market/load_shape_totals.hpp"
#include "actors/meter/ledger_builder.hpp"
#include "actors/meter/terms_table.hpp"
#include "actors/meter/versions.hpp"
#include "actors/verify/audit_difference.hpp"
#include "actors/verify/audit_meters.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// The actuals of load-shape groups by UTC day over all partitions, made anew. `add` is
/// thread-safe; `find` once all is added.
class AuditShapeSums {
 public:
  void add(core::UtcDay day, const std::map<core::ShapeGroup, core::ShapeSums>& full_groups);
  /// Parent groups are known too. Null when the group has none on that day.
  const core::ShapeSums* find(const core::ShapeGroup& group, core::UtcDay day) const;

 private:
  std::mutex mutex_;
  std::map<core::UtcDay, DayTotals> days_;
};

using AuditShapes = std::map<std::pair<core::ShapeGroup, core::UtcDay>, core::Shape>;

/// One meter partition's part in a run, recomputed from its stored versions. First `scan`, then,
/// when the shapes of all partitions are there, `take_defaults`.
class PartitionAudit {
 public:
  /// All must outlive the audit.
  PartitionAudit(const storage::Store& store, const core::SettlementCalendar& calendar,
                 const RunInfo& run, const PartitionInput& input);

  /// Reads registrations, annual consumptions, and the versions from UTC day `first` to the run's.
  /// Errors: damaged, newer_format, io.
  tl::expected<void, storage::Error> scan(core::UtcDay first, AuditShapeSums& shape_sums);
  const std::vector<TermsSums>& terms_sums() const { return terms_sums_; }
  std::set<WantedShape> wanted_shapes() const;
  std::uint64_t meter_days() const { return meter_days_; }
  std::uint64_t ledger_digest() const { return ledger_digest_; }

  /// Fills the gaps (`arithmetic.md` 4) and compares with what the run has stored for each meter.
  tl::expected<void, storage::Error> take_defaults(const AuditShapes& shapes, DifferenceLog& log);
  const std::vector<TermsDefaults>& defaults() const { return defaults_; }
  const std::vector<core::Exception>& exceptions() const { return exceptions_; }

 private:
  struct MissingDay {
    core::SettlementDaySpan span;
    std::uint64_t periods = 0;  ///< UTC periods without a value.
    std::optional<core::WattHours> annual_consumption;
  };
  struct Missing {
    core::Mpan mpan;
    TermsId terms = 0;
    core::MeasurementQuantity quantity{};
    std::vector<MissingDay> days;
  };
  using Masks = absl::flat_hash_map<core::Mpan, std::uint64_t>;  // MPAN -> UTC periods with a value

  tl::expected<void, storage::Error> scan_versions(const storage::Store::View& view,
                                                   core::UtcDay first, AuditMeters& meters,
                                                   const JudgementAsOf& judgement,
                                                   AuditShapeSums& shape_sums);
  void finish_day(core::UtcDay day, AuditShapeSums& shape_sums);
  bool is_run_day(core::UtcDay day) const { return spans_.front().day <= day; }
  void find_missing(const AuditMeters& meters);
  bool has_values(core::Mpan mpan);
  void build_terms_sums(const AuditMeters& meters);

  const storage::Store& store_;
  const core::SettlementCalendar& calendar_;
  const RunInfo& run_;
  const PartitionInput& input_;
  std::string where_;
  std::vector<core::SettlementDaySpan> spans_;  // of the run's day
  TermsTable terms_;
  std::map<core::SettlementDay, LedgerDay> ledger_;
  std::map<std::pair<core::UtcDay, core::MeasurementQuantity>, Masks>
      present_;  // on the run's UTC days
  std::vector<TermsSums> terms_sums_;
  std::vector<Missing> missing_;  // by MPAN, quantity
  std::uint64_t meter_days_ = 0, ledger_digest_ = 0;
  std::vector<TermsDefaults> defaults_;
  std::vector<core::Exception> exceptions_;
};

}  // namespace hhgrid::actors
