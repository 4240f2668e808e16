#include "core/standing/standing_data.hpp"

#include <algorithm>
#include <tuple>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

/// `arithmetic.md` 6: how far back a missing line loss factor may be taken from.
constexpr int line_loss_days_max = 366;

/// Replaces the row of `rows` that `same` names, or appends it.
template <class Row, class Same>
void put_row(std::vector<Row>& rows, const Row& row, Same same) {
  const auto found = std::find_if(rows.begin(), rows.end(), same);
  if (found == rows.end()) {
    rows.push_back(row);
  } else {
    *found = row;
  }
}

auto key_of(const DefaultShapeRow& row) {
  return std::tie(row.gsp_group, row.connection, row.segment, row.domestic, row.quantity,
                  row.day_type);
}

}  // namespace

// -- rows ---------------------------------------------------------------------

void StandingData::put(const Bmu& bmu) {
  auto& rows = bmus_[{bmu.supplier, bmu.gsp_group}];
  const auto identity = [](const Bmu& row) { return std::tie(row.id, row.effective.from); };
  put_row(rows, bmu, [&](const Bmu& row) { return identity(row) == identity(bmu); });
  std::sort(rows.begin(), rows.end(),
            [&](const Bmu& a, const Bmu& b) { return identity(a) < identity(b); });
}

void StandingData::put(const ComponentClass& component_class) {
  put_row(classes_, component_class, [&](const ComponentClass& row) {
    return row.ccc_id == component_class.ccc_id &&
           row.effective.from == component_class.effective.from;
  });
}

void StandingData::put(const DefaultShapeRow& row) {
  put_row(default_shapes_, row,
          [&](const DefaultShapeRow& other) { return key_of(other) == key_of(row); });
}

void StandingData::put_line_losses(std::uint8_t distributor, LlfcId llfc, SettlementDay day,
                                   const LineLossDay& factors) {
  auto& known = line_losses_[{distributor, llfc}][day];
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] != 0) known[i] = factors[i];
  }
}

void StandingData::put_group_take(GspGroup group, SettlementDay day, const GroupTakeDay& take) {
  auto& known = takes_[{group, day}];
  for (std::size_t i = 0; i < settlement_periods_max; ++i) {
    if (!take.present[i]) continue;
    known.energy_wh[i] = take.energy_wh[i];
    known.present[i] = true;
    known.estimated[i] = take.estimated[i];
  }
}

void StandingData::put_run_date(SettlementDay day, SettlementCode code, RunDate run_date) {
  run_dates_[{day, code}] = run_date;
}

void StandingData::put_bank_holiday(std::int32_t day_number) { bank_holidays_.insert(day_number); }

// -- rows that go -------------------------------------------------------------

void StandingData::forget(const Bmu& bmu) {
  const auto rows = bmus_.find({bmu.supplier, bmu.gsp_group});
  if (rows == bmus_.end()) return;
  std::erase_if(rows->second, [&](const Bmu& row) {
    return row.id == bmu.id && row.effective.from == bmu.effective.from;
  });
  if (rows->second.empty()) bmus_.erase(rows);
}

void StandingData::forget(const ComponentClass& component_class) {
  std::erase_if(classes_, [&](const ComponentClass& row) {
    return row.ccc_id == component_class.ccc_id &&
           row.effective.from == component_class.effective.from;
  });
}

void StandingData::forget(const DefaultShapeRow& row) {
  std::erase_if(default_shapes_,
                [&](const DefaultShapeRow& other) { return key_of(other) == key_of(row); });
}

void StandingData::forget_line_losses(std::uint8_t distributor, LlfcId llfc, SettlementDay day) {
  const auto days = line_losses_.find({distributor, llfc});
  if (days == line_losses_.end()) return;
  days->second.erase(day);
  if (days->second.empty()) line_losses_.erase(days);
}

void StandingData::forget_group_take(GspGroup group, SettlementDay day) {
  takes_.erase({group, day});
}

void StandingData::forget_run_date(SettlementDay day, SettlementCode code) {
  run_dates_.erase({day, code});
}

void StandingData::forget_bank_holiday(std::int32_t day_number) {
  bank_holidays_.erase(day_number);
}

// -- BM units and classes -----------------------------------------------------

const Bmu* StandingData::default_bmu(const SupplierId& supplier, GspGroup group,
                                     SettlementDay day) const {
  const auto rows = bmus_.find({supplier, group});
  if (rows == bmus_.end()) return nullptr;
  const Bmu* best = nullptr;
  const Bmu* of_unit = nullptr;  // the row that counts of the unit at hand
  const auto take_unit = [&] {
    const bool is_default = of_unit && of_unit->default_unit;
    if (is_default && (!best || of_unit->effective.from > best->effective.from)) best = of_unit;
    of_unit = nullptr;
  };
  for (const auto& row : rows->second) {
    if (of_unit && of_unit->id != row.id) take_unit();
    if (row.effective.contains(day)) of_unit = &row;
  }
  take_unit();
  return best;
}

const Bmu* StandingData::valid_bmu(const BmuId& id, const SupplierId& supplier, GspGroup group,
                                   SettlementDay day) const {
  const auto rows = bmus_.find({supplier, group});
  if (rows == bmus_.end()) return nullptr;
  const Bmu* found = nullptr;
  for (const auto& row : rows->second) {
    if (row.id == id && row.effective.contains(day)) found = &row;
  }
  return found;
}

std::vector<Bmu> StandingData::bmus_of(GspGroup group) const {
  std::vector<Bmu> bmus;
  for (const auto& [key, rows] : bmus_)
    if (key.second == group) bmus.insert(bmus.end(), rows.begin(), rows.end());
  return bmus;
}

const ComponentClass* StandingData::component_class(ConnectionType connection,
                                                    MeasurementQuantity quantity,
                                                    MarketSegment segment, Indicator indicator,
                                                    SettlementDay day) const {
  const ComponentClass* found = nullptr;
  for (const auto& row : classes_) {
    if (row.connection != connection || row.quantity != quantity || row.segment != segment ||
        row.indicator != indicator || !row.effective.contains(day)) {
      continue;
    }
    const bool later = !found || row.effective.from > found->effective.from ||
                       (row.effective.from == found->effective.from && row.ccc_id < found->ccc_id);
    if (later) found = &row;
  }
  return found;
}

// -- line losses --------------------------------------------------------------

std::vector<LineLossFactor> StandingData::line_losses(std::uint8_t distributor, const LlfcId& llfc,
                                                      SettlementDay day, int period_count) const {
  HHGRID_ASSERT(0 <= period_count && period_count <= settlement_periods_max, period_count);
  const auto count = static_cast<std::size_t>(period_count);
  std::vector<LineLossFactor> factors(count, LineLossFactor{.defaulted = true});
  const auto days = line_losses_.find({distributor, llfc});
  if (days == line_losses_.end()) return factors;
  std::vector<bool> found(count);
  std::size_t found_count = 0;
  const auto oldest = days->second.lower_bound(day - line_loss_days_max);
  for (auto at = days->second.upper_bound(day); at != oldest && found_count < count;) {
    --at;
    for (std::size_t i = 0; i < count; ++i) {
      if (found[i] || at->second[i] == 0) continue;
      factors[i] = {.thousandths = at->second[i]};
      if (at->first != day) factors[i] = {at->second[i], true, at->first};
      found[i] = true;
      ++found_count;
    }
  }
  return factors;
}

const LineLossDay* StandingData::line_loss_day(std::uint8_t distributor, const LlfcId& llfc,
                                               SettlementDay day) const {
  const auto days = line_losses_.find({distributor, llfc});
  if (days == line_losses_.end()) return nullptr;
  const auto found = days->second.find(day);
  return found == days->second.end() ? nullptr : &found->second;
}

// -- Group Takes and run dates ------------------------------------------------

const GroupTakeDay* StandingData::group_take(GspGroup group, SettlementDay day) const {
  const auto found = takes_.find({group, day});
  return found == takes_.end() ? nullptr : &found->second;
}

std::optional<RunDate> StandingData::run_date(SettlementDay day, SettlementCode code) const {
  const auto found = run_dates_.find({day, code});
  if (found == run_dates_.end()) return std::nullopt;
  return found->second;
}

}  // namespace hhgrid::core
