#include "actors/meter/ledger_record.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "core/packing.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::QualityClass;
using core::SettlementDay;
using storage::Error;

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

}  // namespace hhgrid::actors
