#pragma once

#include <map>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/meter/ledger.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/versions.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// The quality class of all 48 periods when it is the same; the common case takes whole rows at a
/// time.
std::optional<core::QualityClass> uniform_class(const MeterDay& day);
/// Adds (sign 1) or takes back (-1) what of the given periods lies in the span. `uniform`: the
/// class of all when all 48 periods are given.
void account_span(const MeterDay& day, std::uint64_t periods,
                  std::optional<core::QualityClass> uniform, const core::UtcDaySpan& span,
                  LedgerRow& row, int sign);

/// Adds meter-days to ledger days made anew, UTC day by UTC day. Most meter-days are whole and on
/// the same terms throughout: those are added up by UTC day first, and moved to the rows of the
/// settlement days when the next day begins, or at `close`.
class LedgerBuilder {
 public:
  /// Both must outlive the builder. Rows hold what has been added only after `close`.
  LedgerBuilder(const core::SettlementCalendar& calendar,
                std::map<core::SettlementDay, LedgerDay>& ledger)
      : calendar_(calendar), ledger_(ledger) {}
  void add(const VersionKey& key, const MeterDay& values, const MeterState& meter,
           const AsOf& as_of = as_of_now);
  /// Ends the UTC day in hand; its ledger days may then be taken away.
  void close();

 private:
  static constexpr std::size_t quantities = 4;
  struct Span {
    core::UtcDaySpan at;
    LedgerDay* rows = nullptr;
    std::vector<LedgerRow*> by_key;  // by terms and quantity
  };
  struct WholeDay {
    std::array<core::WattHours, core::periods_per_utc_day> energy_wh{};
    std::uint32_t count = 0;  // meter-days: each has all periods
  };
  LedgerRow& row(Span& span, TermsId terms, core::MeasurementQuantity quantity);
  WholeDay& whole_day(TermsId terms, core::MeasurementQuantity quantity, core::QualityClass c);

  const core::SettlementCalendar& calendar_;
  std::map<core::SettlementDay, LedgerDay>& ledger_;
  core::UtcDay day_;
  std::vector<Span> spans_;                            // of day_; empty: no day in hand
  std::vector<std::unique_ptr<WholeDay>> whole_days_;  // by terms, quantity and quality class
  std::vector<std::size_t> used_;                      // those of the day in hand
};

/// The ledger made anew from stored versions, and which periods have a value: what audits compare
/// and what a run takes when its cut-off lies before the newest version.
struct Recomputed {
  std::map<core::SettlementDay, LedgerDay> ledger;
  using Present = std::map<Presence::Key, absl::flat_hash_map<core::Mpan, std::uint64_t>>;
  std::optional<Present> present;  ///< Filled in when it is there.
  std::uint64_t meter_days = 0;
};
using MeterLookup = std::function<const MeterState*(core::Mpan mpan)>;
/// Scans the UTC days given, as of a cut-off. One contiguous range a day. Versions of meters that
/// `meter` does not know count for nothing.
tl::expected<void, storage::Error> recompute(const storage::Store::View& view,
                                             const std::vector<core::UtcDay>& days,
                                             const MeterLookup& meter,
                                             const JudgementAsOf& judgement, Recomputed& out);

}  // namespace hhgrid::actors
