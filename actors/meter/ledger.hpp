#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "actors/host/message_codec.hpp"
#include "actors/meter/terms_table.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"
#include "core/quality.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

/// Sums of one quality class: Wh and number of values per settlement period.
struct ClassSums {
  std::array<core::WattHours, core::settlement_periods_max> energy_wh{};
  std::array<std::uint32_t, core::settlement_periods_max> count{};
  bool empty() const;
};

/// The running sums of one settlement day, quantity and set of terms, by quality class.
struct LedgerRow {
  std::array<std::unique_ptr<ClassSums>, core::quality_class_count> classes;
  bool dirty = false;

  ClassSums& of(core::QualityClass c);
  const ClassSums* find(core::QualityClass c) const {
    return classes[static_cast<std::size_t>(c)].get();
  }
  /// True when no value is counted in it.
  bool empty() const;
};

/// The rows of one settlement day.
class LedgerDay {
 public:
  using Key = std::uint64_t;  // terms, then quantity: sorted by terms
  static Key key(TermsId terms, core::MeasurementQuantity quantity) {
    return std::uint64_t{terms} << 8 | static_cast<std::uint64_t>(quantity);
  }
  static TermsId terms_of(Key key) { return static_cast<TermsId>(key >> 8); }
  static core::MeasurementQuantity quantity_of(Key key) {
    return static_cast<core::MeasurementQuantity>(key & 0xff);
  }

  /// The row, made when there is none yet. Rows stay where they are.
  LedgerRow& row(TermsId terms, core::MeasurementQuantity quantity) {
    const std::size_t slot = slot_of(terms, quantity);
    if (slot < rows_.size() && rows_[slot]) return *rows_[slot];
    return new_row(slot);
  }
  const LedgerRow* find(TermsId terms, core::MeasurementQuantity quantity) const {
    const std::size_t slot = slot_of(terms, quantity);
    return slot < rows_.size() ? rows_[slot].get() : nullptr;
  }
  /// Keys in order.
  std::vector<Key> keys() const;
  const LedgerRow& at(Key key) const { return *rows_.at(slot_of(terms_of(key), quantity_of(key))); }
  LedgerRow& at(Key key) { return *rows_.at(slot_of(terms_of(key), quantity_of(key))); }
  std::size_t size() const { return count_; }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t quantities = 4;
  static std::size_t slot_of(TermsId terms, core::MeasurementQuantity quantity) {
    return std::size_t{terms} * quantities + static_cast<std::size_t>(quantity);
  }
  LedgerRow& new_row(std::size_t slot);

  std::vector<std::unique_ptr<LedgerRow>> rows_;  // terms are numbered densely
  std::size_t count_ = 0;
};

/// Adds (`sign` = 1) or takes back (-1) `count` values from UTC period `first_utc` on;
/// `first_settlement` is where they lie. `present`: which UTC periods carry a value.
struct PeriodRange {
  int first_utc = 1, first_settlement = 1, count = 0;
};
void add_values(ClassSums& sums, const core::WattHours* energy_by_utc_period,
                const PeriodRange& range, int sign);
void add_value(ClassSums& sums, core::WattHours energy, int settlement_period, int sign);

/// XXH64 of a day's rows in key order, with their terms' ids: equal for replicas that folded the
/// same journal.
std::uint64_t ledger_digest(core::SettlementDay day, const LedgerDay& rows);

/// The actuals of every load-shape group on a UTC day (`arithmetic.md` 3), from the rows of the
/// settlement days that it touches: energised members' values of qualities that count as actual.
/// `day_of` gives a settlement day's rows or null.
using LedgerDayLookup = std::function<const LedgerDay*(core::SettlementDay)>;
ShapeSumsByGroup shape_sums(core::UtcDay day, const core::SettlementCalendar& calendar,
                            const TermsTable& terms, const LedgerDayLookup& day_of);
/// A partition's running sums per settlement day: write-through to the store, resident for the days
/// in use.
class Ledger {
 public:
  /// `terms` must outlive the ledger: a row's terms are one of them.
  Ledger(const storage::Store& store, const TermsTable& terms, std::size_t resident_days_max);

  /// The rows of a day, from the store when they are not resident. Errors: damaged, io.
  tl::expected<LedgerDay*, storage::Error> day(core::SettlementDay day);
  /// Some turns before a meter of these terms is likely to change its row of actual import of the
  /// day that was asked for last: fetches the row, and then, when that has had time to arrive, its
  /// sums.
  void prefetch_row(TermsId terms) const;
  void prefetch_sums(TermsId terms) const;
  /// Called before this block changes a row.
  void touch(core::SettlementDay day, LedgerDay::Key key, LedgerRow& row);
  /// By how much this block has changed the load-shape sums of UTC days so far; groups without a
  /// change left out.
  ShapeSumsByDay shape_changes(const core::SettlementCalendar& calendar) const;
  /// Puts the rows changed since the last call.
  void write(storage::Commit& commit);
  /// Lets go of the days used longest ago beyond the maximum; only after the commit of their
  /// changes.
  void evict();
  std::size_t memory_bytes() const;

 private:
  struct Resident {
    LedgerDay rows;
    std::uint64_t used = 0;
  };
  /// What load shapes are made from, of a row: its classes that count as actual, added up.
  using Actuals = ClassSums;
  struct Touched {
    core::SettlementDay day;
    LedgerDay::Key key = 0;
    LedgerRow* row = nullptr;
    std::size_t before = 0;  // its place in `before_`; none: of no load shape
  };
  static constexpr std::size_t none = ~std::size_t{0};
  static void take_actuals(const LedgerRow& row, Actuals& all);

  const storage::Store& store_;
  const TermsTable& terms_;
  std::size_t resident_days_max_;
  std::uint64_t clock_ = 0;  // counts uses, not time
  std::map<core::SettlementDay, Resident> days_;
  std::vector<Touched> touched_;  // by this block
  std::vector<Actuals> before_;   // of touched rows, before this block: so many as are counted
  std::size_t before_count_ = 0;
  core::SettlementDay last_day_{};
  Resident* last_ = nullptr;
};

}  // namespace hhgrid::actors
