#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/limits_table.hpp"
#include "actors/meter/meter.hpp"
#include "actors/meter/terms_table.hpp"
#include "actors/meter/version_record.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// What is refused of versions as of a cut-off.
///
/// Stored judgements rest on every registration and register that lies before them in the journal.
/// As of a cut-off they hold, unless one of these was received after it: such meters' versions are
/// judged again (ECS1008, ECS1012) by those that hold. What a delivery contradicts (ECS1006) has to
/// do with none of them: it is refused where the message that contradicts it holds.
class JudgementAsOf {
 public:
  /// All must outlive this.
  JudgementAsOf(const core::SettlementCalendar& calendar, const TermsTable& terms,
                const LimitsTable& limits, const AsOf& as_of)
      : calendar_(calendar), terms_(terms), limits_(limits), as_of_(as_of) {}

  /// Tells of a meter. It is remembered when it has a registration or register that does not hold.
  void add(core::Mpan mpan, const MeterState& meter);
  /// Tells of all meters of a store. Errors: damaged, newer_format, io.
  tl::expected<void, storage::Error> add_all(const storage::Store::View& view);
  bool concerns(core::Mpan mpan) const { return !meters_.empty() && meters_.contains(mpan); }
  /// What is refused of each of a meter-day's versions, in order of their keys.
  std::vector<core::RefusedPeriods> refusals(std::span<const StoredVersion> versions) const;
  const AsOf& as_of() const { return as_of_; }
  const core::SettlementCalendar& calendar() const { return calendar_; }

 private:
  const core::SettlementCalendar& calendar_;
  const TermsTable& terms_;
  const LimitsTable& limits_;
  const AsOf& as_of_;
  absl::flat_hash_map<core::Mpan, MeterState> meters_;
};

/// What counts of a meter's UTC day as of the cut-off. Versions in order of their keys.
MeterDay counting_day(std::span<const StoredVersion> versions, const JudgementAsOf& judgement);

}  // namespace hhgrid::actors
