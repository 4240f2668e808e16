#include "actors/ledger.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>

#include <xxhash.h>

#include "core/packing.hpp"
#include "storage/entry_fields.hpp"
#include "storage/key.hpp"
#include "storage/record.hpp"
#include "storage/schema/record.capnp.h"

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

core::ShapeGroup shape_group(const core::Terms& terms, MeasurementQuantity quantity) {
  return {terms.gsp_group, terms.connection, terms.segment, terms.domestic, quantity};
}

std::map<core::ShapeGroup, core::ShapeSums> shape_sums(core::UtcDay day,
                                                       const core::SettlementCalendar& calendar,
                                                       const TermsTable& terms,
                                                       const LedgerDayLookup& day_of) {
  std::map<core::ShapeGroup, core::ShapeSums> groups;
  for (const auto& span : calendar.spans_of(day)) {
    const LedgerDay* rows = day_of(span.day);
    if (rows == nullptr) continue;
    for (const auto key : rows->keys()) {
      const auto quantity = LedgerDay::quantity_of(key);
      const auto& row_terms = terms.at(LedgerDay::terms_of(key));
      if (!row_terms.energised || (quantity != MeasurementQuantity::active_import &&
                                   quantity != MeasurementQuantity::active_export))
        continue;
      core::ShapeSums* group = nullptr;
      for (const auto c : {QualityClass::actual, QualityClass::other_actual}) {
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

// -- records ------------------------------------------------------------------------------------

std::string ledger_day_prefix(SettlementDay day) {
  return storage::KeyWriter().tag('l').day(day.value).str();
}

std::string ledger_key(SettlementDay day, LedgerDay::Key key) {
  return storage::KeyWriter().tag('l').day(day.value).u64(key).str();
}

namespace {

/// A class's sums and counts up to the last period with a value; false when a sum is too great for
/// packing.
bool pack_class(const ClassSums* sums, std::vector<std::uint8_t>& out) {
  std::size_t used = sums == nullptr ? 0 : sums->count.size();
  while (used > 0 && sums->count[used - 1] == 0) --used;
  out.push_back(static_cast<std::uint8_t>(used));
  if (used == 0) return true;
  std::array<core::WattHours, core::settlement_periods_max> counts;
  for (std::size_t i = 0; i < used; ++i) {
    if (sums->energy_wh[i] < 0 || sums->energy_wh[i] > core::packed_value_max) return false;
    counts[i] = sums->count[i];
  }
  const auto pack = [&](const auto& values) {
    const std::size_t at = out.size();
    out.resize(at + core::packed_size_max);
    out.resize(at + core::pack_values({values.data(), used}, std::span(out).subspan(at)));
  };
  pack(sums->energy_wh);
  pack(counts);
  return true;
}

/// Unpacks `count` values and goes on behind them.
void take_packed(std::span<const std::uint8_t>& bytes, int count, core::WattHours* out) {
  if (bytes.empty()) throw std::runtime_error("the packed sums are cut short");
  const auto size = core::packed_size(count, bytes[0]);
  if (size > bytes.size() || !core::unpack_values(bytes.first(size), count, out))
    throw std::runtime_error("the packed sums of a quality class do not hold");
  bytes = bytes.subspan(size);
}

void unpack_row(std::span<const std::uint8_t> bytes, LedgerRow& row) {
  for (int c = 0; c < core::quality_class_count; ++c) {
    if (bytes.empty()) throw std::runtime_error("expected three quality classes");
    const int used = bytes[0];
    bytes = bytes.subspan(1);
    if (used == 0) continue;
    if (used > core::settlement_periods_max)
      throw std::runtime_error("a quality class has more periods than a day");
    auto& sums = row.of(static_cast<QualityClass>(c));
    std::array<core::WattHours, core::settlement_periods_max> counts;
    take_packed(bytes, used, sums.energy_wh.data());
    take_packed(bytes, used, counts.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(used); ++i) {
      if (counts[i] > std::numeric_limits<std::uint32_t>::max())
        throw std::runtime_error("a quality class counts more values than there can be");
      sums.count[i] = static_cast<std::uint32_t>(counts[i]);
    }
  }
  if (!bytes.empty()) throw std::runtime_error("there is more than three quality classes");
}

/// The form of sums that do not fit into the packed one, and of format 1.
void write_lists(const LedgerRow& row, schema::LedgerRecord::Builder record) {
  auto classes = record.initClasses(core::quality_class_count);
  for (unsigned c = 0; c < classes.size(); ++c) {
    const auto& sums = row.classes[c];
    if (!sums || sums->empty()) continue;
    unsigned used = core::settlement_periods_max;
    while (used > 0 && sums->count[used - 1] == 0) --used;
    auto energy = classes[c].initEnergyWh(used);
    auto count = classes[c].initCount(used);
    for (unsigned i = 0; i < used; ++i) {
      energy.set(i, sums->energy_wh[i]);
      count.set(i, sums->count[i]);
    }
  }
}

void read_lists(schema::LedgerRecord::Reader record, LedgerRow& row) {
  const auto classes = record.getClasses();
  if (classes.size() != core::quality_class_count)
    throw std::runtime_error("expected three quality classes");
  for (unsigned c = 0; c < classes.size(); ++c) {
    const auto energy = classes[c].getEnergyWh();
    const auto count = classes[c].getCount();
    if (energy.size() != count.size() || energy.size() > core::settlement_periods_max)
      throw std::runtime_error("sums and counts of a quality class do not match");
    if (energy.size() == 0) continue;
    auto& sums = row.of(static_cast<QualityClass>(c));
    for (unsigned i = 0; i < energy.size(); ++i) {
      sums.energy_wh[i] = energy[i];
      sums.count[i] = count[i];
    }
  }
}

}  // namespace

std::string ledger_record(const LedgerRow& row) {
  storage::RecordBuilder<schema::LedgerRecord> record;
  std::vector<std::uint8_t> packed;
  packed.reserve(3 * core::packed_size_max);
  const bool fits = std::all_of(row.classes.begin(), row.classes.end(),
                                [&](const auto& sums) { return pack_class(sums.get(), packed); });
  if (fits)
    record->setPacked(kj::arrayPtr(packed.data(), packed.size()));
  else
    write_lists(row, *record);
  return record.bytes();
}

tl::expected<LedgerRow, Error> read_ledger_record(std::string_view bytes,
                                                  const storage::Where& where) {
  return storage::read_record<schema::LedgerRecord>(bytes, where, [](auto record) {
    LedgerRow row;
    if (record.hasPacked())
      unpack_row({record.getPacked().begin(), record.getPacked().size()}, row);
    else
      read_lists(record, row);
    return row;
  });
}

tl::expected<void, Error> take_ledger_row(std::string_view key, std::string_view value,
                                          const std::string& where, std::size_t terms_count,
                                          LedgerDay& out) {
  const auto place = [&] { return where + " ledger " + storage::printable_key(key); };
  storage::KeyReader reader(key.substr(1));
  reader.day();
  const LedgerDay::Key row_key = reader.u64();
  const auto quantity = static_cast<std::size_t>(row_key & 0xff);
  if (!reader.complete() || row_key >> 8 >= terms_count ||
      quantity >= std::size_t{storage::quantity_count})
    return tl::unexpected(Error{storage::Errc::damaged, place() + ": bad key"});
  auto row = read_ledger_record(value, place);
  if (!row) return tl::unexpected(row.error());
  out.row(LedgerDay::terms_of(row_key), LedgerDay::quantity_of(row_key)) = std::move(*row);
  return {};
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
  dirty_.emplace_back(day, key);
}

void Ledger::write(storage::Commit& commit) {
  std::sort(dirty_.begin(), dirty_.end());
  for (const auto& [day, key] : dirty_) {
    LedgerRow& row = days_.at(day).rows.at(key);
    row.dirty = false;
    commit.put(Family::ledger, ledger_key(day, key), ledger_record(row));
  }
  dirty_.clear();
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
  std::size_t bytes = 0;
  for (const auto& [day, resident] : days_) bytes += resident.rows.memory_bytes();
  return bytes;
}

}  // namespace hhgrid::actors
