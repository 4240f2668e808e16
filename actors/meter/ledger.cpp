#include "actors/meter/ledger.hpp"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include <xxhash.h>

#include "actors/host/prefetch.hpp"
#include "actors/meter/ledger_record.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using core::QualityClass;
using core::SettlementDay;
using storage::Error;
using storage::Family;

bool ClassSums::empty() const {
  return std::all_of(count.begin(), count.end(), [](auto n) { return n == 0; });
}

ClassSums& LedgerRow::of(QualityClass c) {
  auto& sums = classes[static_cast<std::size_t>(c)];
  if (!sums) sums = std::make_unique<ClassSums>();
  return *sums;
}

bool LedgerRow::empty() const {
  return std::all_of(classes.begin(), classes.end(),
                     [](const auto& sums) { return !sums || sums->empty(); });
}

LedgerRow& LedgerDay::new_row(std::size_t slot) {
  if (slot >= rows_.size()) rows_.resize(slot + 1);
  rows_[slot] = std::make_unique<LedgerRow>();
  ++count_;
  return *rows_[slot];
}

std::vector<LedgerDay::Key> LedgerDay::keys() const {
  std::vector<Key> keys;
  keys.reserve(count_);
  for (std::size_t slot = 0; slot < rows_.size(); ++slot)
    if (rows_[slot])
      keys.push_back(key(static_cast<TermsId>(slot / quantities),
                         static_cast<MeasurementQuantity>(slot % quantities)));
  return keys;
}

std::size_t LedgerDay::memory_bytes() const {
  std::size_t bytes = rows_.capacity() * sizeof rows_[0] + count_ * sizeof(LedgerRow);
  for (const auto& row : rows_)
    if (row)
      for (const auto& sums : row->classes)
        if (sums) bytes += sizeof(ClassSums);
  return bytes;
}

void add_values(ClassSums& sums, const core::WattHours* energy_by_utc_period,
                const PeriodRange& range, int sign) {
  const core::WattHours* from = energy_by_utc_period + range.first_utc - 1;
  core::WattHours* energy = sums.energy_wh.data() + range.first_settlement - 1;
  std::uint32_t* count = sums.count.data() + range.first_settlement - 1;
  if (sign > 0) {
    for (int i = 0; i < range.count; ++i) energy[i] += from[i];
    for (int i = 0; i < range.count; ++i) count[i] += 1;
  } else {
    for (int i = 0; i < range.count; ++i) energy[i] -= from[i];
    for (int i = 0; i < range.count; ++i) count[i] -= 1;
  }
}

void add_value(ClassSums& sums, core::WattHours energy, int settlement_period, int sign) {
  const auto i = static_cast<std::size_t>(settlement_period - 1);
  sums.energy_wh[i] += sign * energy;
  sums.count[i] += static_cast<std::uint32_t>(sign);
}

// -- derived ------------------------------------------------------------------------------------

std::uint64_t ledger_digest(SettlementDay day, const LedgerDay& rows) {
  static_assert(std::endian::native == std::endian::little,
                "the digest is over little-endian numbers");
  static const ClassSums none;
  const std::unique_ptr<XXH64_state_t, decltype(&XXH64_freeState)> state(XXH64_createState(),
                                                                         XXH64_freeState);
  XXH64_reset(state.get(), 0);
  XXH64_update(state.get(), &day.value, sizeof day.value);
  for (const auto key : rows.keys()) {
    const auto& row = rows.at(key);
    if (row.empty()) continue;
    XXH64_update(state.get(), &key, sizeof key);
    for (const auto& held : row.classes) {
      const ClassSums& sums = held ? *held : none;
      XXH64_update(state.get(), sums.energy_wh.data(), sizeof sums.energy_wh);
      XXH64_update(state.get(), sums.count.data(), sizeof sums.count);
    }
  }
  return XXH64_digest(state.get());
}

namespace {

constexpr QualityClass shape_classes[] = {QualityClass::actual, QualityClass::other_actual};

bool counts_in_shapes(const core::Terms& terms, MeasurementQuantity quantity) {
  return terms.energised && core::is_settled(quantity);
}

}  // namespace

ShapeSumsByGroup shape_sums(core::UtcDay day, const core::SettlementCalendar& calendar,
                            const TermsTable& terms, const LedgerDayLookup& day_of) {
  ShapeSumsByGroup groups;
  for (const auto& span : calendar.spans_of(day)) {
    const LedgerDay* rows = day_of(span.day);
    if (rows == nullptr) continue;
    for (const auto key : rows->keys()) {
      const auto quantity = LedgerDay::quantity_of(key);
      const auto& row_terms = terms.at(LedgerDay::terms_of(key));
      if (!counts_in_shapes(row_terms, quantity)) continue;
      core::ShapeSums* group = nullptr;
      for (const auto c : shape_classes) {
        const ClassSums* sums = rows->at(key).find(c);
        if (sums == nullptr || sums->empty()) continue;
        if (group == nullptr) group = &groups[shape_group(row_terms, quantity)];
        for (int i = 0; i < span.count; ++i) {
          const auto utc = static_cast<std::size_t>(span.first_utc_period - 1 + i);
          const auto sp = static_cast<std::size_t>(span.first_settlement_period - 1 + i);
          group->energy_wh[utc] += sums->energy_wh[sp];
          group->count[utc] += static_cast<std::int32_t>(sums->count[sp]);
        }
      }
    }
  }
  return groups;
}

// -- the resident ledger ------------------------------------------------------------------------

Ledger::Ledger(const storage::Store& store, const TermsTable& terms, std::size_t resident_days_max)
    : store_(store), terms_(terms), resident_days_max_(resident_days_max) {}

tl::expected<LedgerDay*, Error> Ledger::day(SettlementDay day) {
  ++clock_;
  if (last_ != nullptr && last_day_ == day) {
    last_->used = clock_;
    return &last_->rows;
  }
  const auto [it, inserted] = days_.try_emplace(day);
  if (inserted) {
    const std::string where = store_.path().string();
    LedgerDay& rows = it->second.rows;
    tl::expected<void, Error> taken;
    const auto scanned = store_.scan_prefix(
        Family::ledger, ledger_day_prefix(day), [&](std::string_view key, std::string_view value) {
          taken = take_ledger_row(key, value, where, terms_.size(), rows);
          return taken.has_value();
        });
    if (!scanned || !taken) {
      days_.erase(it);
      return tl::unexpected(scanned ? taken.error() : scanned.error());
    }
  }
  it->second.used = clock_;
  last_day_ = day;
  last_ = &it->second;
  return &it->second.rows;
}

void Ledger::touch(SettlementDay day, LedgerDay::Key key, LedgerRow& row) {
  if (row.dirty) return;
  row.dirty = true;
  Touched& touched = touched_.emplace_back(Touched{day, key, &row, none});
  if (!counts_in_shapes(terms_.at(LedgerDay::terms_of(key)), LedgerDay::quantity_of(key))) return;
  touched.before = before_count_++;
  if (before_.size() < before_count_) before_.emplace_back();
  take_actuals(row, before_[touched.before]);
}

void Ledger::take_actuals(const LedgerRow& row, Actuals& all) {
  bool first = true;
  for (const auto c : shape_classes) {
    const ClassSums* sums = row.find(c);
    if (sums == nullptr) continue;
    if (std::exchange(first, false)) {
      all = *sums;
      continue;
    }
    for (std::size_t i = 0; i < all.count.size(); ++i) {
      all.energy_wh[i] += sums->energy_wh[i];
      all.count[i] += sums->count[i];
    }
  }
  if (first) all = {};
}

void Ledger::prefetch_row(TermsId terms) const {
  if (last_ == nullptr) return;
  const auto* row = last_->rows.find(terms, MeasurementQuantity::active_import);
  if (row != nullptr) actors::prefetch(row, sizeof *row);
}

void Ledger::prefetch_sums(TermsId terms) const {
  if (last_ == nullptr) return;
  const auto* row = last_->rows.find(terms, MeasurementQuantity::active_import);
  const auto* sums = row == nullptr ? nullptr : row->find(QualityClass::actual);
  if (sums != nullptr) actors::prefetch(sums, sizeof *sums);
}

ShapeSumsByDay Ledger::shape_changes(const core::SettlementCalendar& calendar) const {
  ShapeSumsByDay changes;
  std::map<SettlementDay, std::vector<core::SettlementDaySpan>> spans;
  std::pair<SettlementDay, const std::vector<core::SettlementDaySpan>*> last{{}, nullptr};
  Actuals after;
  for (const Touched& touched : touched_) {
    if (touched.before == none) continue;
    const Actuals& before = before_[touched.before];
    take_actuals(*touched.row, after);
    if (after.energy_wh == before.energy_wh && after.count == before.count) continue;
    if (last.second == nullptr || last.first != touched.day) {
      auto& known = spans[touched.day];
      if (known.empty()) known = calendar.spans_of(touched.day);
      last = {touched.day, &known};
    }
    const auto& of_day = *last.second;
    const auto group = shape_group(terms_.at(LedgerDay::terms_of(touched.key)),
                                   LedgerDay::quantity_of(touched.key));
    for (const auto& span : of_day) {
      core::ShapeSums& change = changes[span.day][group];
      for (int i = 0; i < span.count; ++i) {
        const auto utc = static_cast<std::size_t>(span.first_utc_period - 1 + i);
        const auto sp = static_cast<std::size_t>(span.first_settlement_period - 1 + i);
        change.energy_wh[utc] += after.energy_wh[sp] - before.energy_wh[sp];
        change.count[utc] += static_cast<std::int32_t>(after.count[sp] - before.count[sp]);
      }
    }
  }
  // Terms of one group change by as much, or one of the day's spans by nothing.
  const auto nothing = [](const auto& group) { return group.second == core::ShapeSums(); };
  for (auto& [day, groups] : changes) std::erase_if(groups, nothing);
  std::erase_if(changes, [](const auto& day) { return day.second.empty(); });
  return changes;
}

void Ledger::write(storage::Commit& commit) {
  std::sort(touched_.begin(), touched_.end(), [](const Touched& a, const Touched& b) {
    return std::tie(a.day, a.key) < std::tie(b.day, b.key);
  });
  for (const Touched& touched : touched_) {
    touched.row->dirty = false;
    commit.put(Family::ledger, ledger_key(touched.day, touched.key), ledger_record(*touched.row));
  }
  touched_.clear();
  before_count_ = 0;
}

void Ledger::evict() {
  while (days_.size() > resident_days_max_) {
    auto oldest = days_.begin();
    for (auto it = days_.begin(); it != days_.end(); ++it)
      if (it->second.used < oldest->second.used) oldest = it;
    days_.erase(oldest);
    last_ = nullptr;
  }
}

std::size_t Ledger::memory_bytes() const {
  std::size_t bytes = before_.capacity() * sizeof(Actuals);
  for (const auto& [day, resident] : days_) bytes += resident.rows.memory_bytes();
  return bytes;
}

}  // namespace hhgrid::actors
