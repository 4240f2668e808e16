#include "actors/verify/check_days.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <roaring/roaring.hh>

#include "actors/host/message_codec.hpp"
#include "actors/market/load_shape_totals.hpp"
#include "actors/meter/ledger_builder.hpp"
#include "actors/meter/ledger_record.hpp"
#include "actors/meter/refusal_table.hpp"
#include "actors/meter/shape_changes.hpp"
#include "actors/meter/told_shapes.hpp"
#include "core/decimal.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using core::SettlementDay;
using core::UtcDay;
using storage::Family;
using storage::KeyReader;
using storage::KeyWriter;

constexpr core::Instant never{std::numeric_limits<std::int64_t>::min()};

/// Which meters have which periods of a UTC day and quantity; from versions, or as stored.
struct DayPresence {
  Roaring complete;
  std::map<std::uint32_t, PeriodMasks> partial;
  core::Instant newest = never;
};
using QuantityPresence = std::map<core::MeasurementQuantity, DayPresence>;

core::MeasurementQuantity quantity_of(std::uint8_t number) {
  if (number >= storage::quantity_count) refuse_record("is no key of this family");
  return static_cast<core::MeasurementQuantity>(number);
}

std::string difference(const ClassSums* stored, const ClassSums* expected) {
  static const ClassSums none;
  const ClassSums &a = stored ? *stored : none, &b = expected ? *expected : none;
  for (std::size_t i = 0; i < a.count.size(); ++i)
    if (a.energy_wh[i] != b.energy_wh[i] || a.count[i] != b.count[i])
      return fmt::format(
          "settlement period {} has {} Wh of {} values, the versions give {} Wh of {}", i + 1,
          a.energy_wh[i], a.count[i], b.energy_wh[i], b.count[i]);
  return {};
}

/// Goes through the UTC days in order. What follows from a day's versions is compared when the day
/// ends; a settlement day when the UTC days that it touches have ended.
class DaysCheck {
 public:
  DaysCheck(Check& check, const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
            CheckedMeters& meters, const core::SettlementCalendar& calendar)
      : check_(check),
        meta_(meta),
        received_(received),
        meters_(meters),
        calendar_(calendar),
        builder_(calendar, ledger_) {}

  void run() {
    list_days();
    CountingScan scan(
        check_.where(), [&](const VersionKey& key, const MeterDay& values) { count(key, values); },
        [&](auto versions, auto refused) { count_refused(versions, refused); });
    const bool whole =
        check_.scan(Family::consumption, {},
                    [&](std::string_view key, std::string_view value) { take(scan, key, value); });
    scan.finish();
    check_.report().meter_days += scan.meter_days();
    if (!whole) return;  // what follows from versions that cannot be read is unknown
    if (received_) meters_.arrived.check(check_, meta_, *received_);
    while (!days_.empty()) finish_day(*days_.begin());
    finish_ledger(SettlementDay{std::numeric_limits<std::int32_t>::max()});
  }

 private:
  /// Every UTC day that anything is stored about, and which days the market has not been told of.
  void list_days() {
    days_ = meters_.refused_days;
    check_.scan(Family::presence, {}, [&](std::string_view key, std::string_view) {
      if (key.front() == 'c' || key.front() == 'p')
        days_.insert(UtcDay{KeyReader(key.substr(1)).day()});
      else if (key.front() != 't' && key.front() != 'r')  // those are check_population's
        refuse_record("is no key of this family");
    });
    check_.scan(Family::ledger, {}, [&](std::string_view key, std::string_view) {
      KeyReader reader(key.substr(1));
      const std::int32_t day = reader.day();
      if (key.front() == 'l') {
        ledger_days_.insert(SettlementDay{day});
      } else if (key.front() == 's') {
        days_.insert(UtcDay{day});
      } else if (key.front() == 'h') {  // check_known_shapes' own
      } else if (key.front() == 'u' && reader.complete()) {
        untold_.insert(UtcDay{day});
      } else {
        refuse_record("is no key of this family");
      }
    });
    check_.scan_again(Family::arrival, shape_changes_table.key().str(),
                      [&](std::string_view key, std::string_view value) {
                        KeyReader reader(key.substr(1));
                        const auto at = instant_of_key(reader.u64());
                        const storage::BlockNumber block = reader.u64();
                        const UtcDay day{reader.day()};
                        if (!reader.complete()) refuse_record("is no key of this family");
                        if (received_ && actors::received_at(*received_, {block, 0}) != at)
                          refuse_record(fmt::format("block {} was not received then", block));
                        days_.insert(day);
                        add_to(shape_changes_[day],
                               checked_record<schema::ShapeChangesRecord>(value, [&](auto record) {
                                 return read_shape_changes(record, day);
                               }));
                      });
  }

  void take(CountingScan& scan, std::string_view key, std::string_view value) {
    if (const auto read = read_version_key(key, check_.where());
        read && (!day_ || read->day != *day_)) {
      scan.finish();
      begin_day(read->day);
    }
    if (const auto taken = scan.take(key, value); !taken) refuse_record(taken.error().text);
    const VersionKey version = *read_version_key(key, check_.where());
    const auto at = require_block(version.position, meta_, received_);
    // What follows from a message (n > 0) stands beside what it brought itself.
    if (version.n == 0 && !meters_.positions.addChecked(version.position.number()))
      refuse_record(fmt::format("position {} has another effect too", to_string(version.position)));
    const auto meter = meters_.by_mpan.find(version.mpan);
    if (meter == meters_.by_mpan.end()) refuse_record("the meter has no record");
    meters_.arrived.version(version, meter->second.number);
    if (!at) return;
    auto& newest = presence_[version.quantity].newest;
    newest = std::max(newest, *at);
  }

  void begin_day(UtcDay day) {
    days_.insert(day);
    while (*days_.begin() < day) finish_day(*days_.begin());
    day_ = day;
  }

  void count(const VersionKey& key, const MeterDay& values) {
    const auto meter = meters_.by_mpan.find(key.mpan);
    if (meter == meters_.by_mpan.end()) return;
    auto& present = presence_[key.quantity];
    if (values.present == all_periods_mask)
      present.complete.add(meter->second.number);
    else
      present.partial[meter->second.number].counting = values.present;
    if (meters_.terms_known) builder_.add(key, values, meter->second);
  }

  /// Of a meter-day with refusals, before it is counted.
  void count_refused(std::span<const StoredVersion> versions,
                     std::span<const core::RefusedPeriods> refused) {
    const auto meter = meters_.by_mpan.find(versions.front().key.mpan);
    std::uint64_t stored = 0, counting = 0;
    for (std::size_t i = 0; i < versions.size(); ++i) {
      stored |= versions[i].values.present;
      counting |= versions[i].values.present & ~refused[i].all();
      if (!refused[i].none()) refusals_[refusal_key(versions[i].key)] = refused[i];
    }
    if (meter != meters_.by_mpan.end() && (stored & ~counting) != 0)
      presence_[versions.front().key.quantity].partial[meter->second.number].refused =
          stored & ~counting;
  }

  /// The refusals that are kept of a day against those of its versions.
  void check_refusals(UtcDay day) {
    check_.scan_again(Family::actor, refusal_day_prefix(day),
                      [&](std::string_view key, std::string_view value) {
                        const auto stored = read_refusal_record(value, "the record");
                        if (!stored) refuse_record(stored.error().text);
                        const auto expected = refusals_.find(std::string(key));
                        if (expected == refusals_.end() || !(expected->second == *stored))
                          refuse_record("is not what the versions give");
                        refusals_.erase(expected);
                      });
    for (const auto& [key, refused] : refusals_)
      check_.damaged(Family::actor, key, "is missing, while its version is refused");
    refusals_.clear();
  }

  void finish_day(UtcDay day) {
    builder_.close();
    check_presence(day);
    check_refusals(day);
    if (meters_.terms_known) {
      check_told(day);
      check_shape_changes(day);
      finish_ledger({day.value});
    }
    presence_.clear();
    days_.erase(day);
  }

  void check_presence(UtcDay day) {
    QuantityPresence stored;
    const std::string tail = KeyWriter().day(day.value).str();
    check_.scan_again(
        Family::presence, "c" + tail, [&](std::string_view key, std::string_view value) {
          auto& one = stored[quantity_in(key, 0)];
          checked_record<schema::PresenceRecord>(value, [&](auto record) {
            const auto bytes = record.getCompleteMeters();
            one.complete =
                Roaring::readSafe(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
            one.newest.milliseconds = record.getNewestReceivedAt();
            return true;
          });
        });
    check_.scan_again(
        Family::presence, "p" + tail, [&](std::string_view key, std::string_view value) {
          auto& one = stored[quantity_in(key, sizeof(std::uint32_t))];
          const auto meter = KeyReader(key.substr(key.size() - sizeof(std::uint32_t))).u32();
          one.partial[meter] =
              checked_record<schema::PartialRecord>(value, [](auto record) -> PeriodMasks {
                return {record.getPresent(), record.getRefused()};
              });
        });
    for (int q = 0; q < storage::quantity_count; ++q) {
      const auto quantity = static_cast<core::MeasurementQuantity>(q);
      const std::string key =
          KeyWriter().tag('c').day(day.value).u8(static_cast<std::uint8_t>(q)).str();
      const DayPresence &a = stored[quantity], &b = presence_[quantity];
      if (!(a.complete == b.complete))
        check_.damaged(Family::presence, key,
                       fmt::format("has {} meters with all periods, the versions give {} or others",
                                   a.complete.cardinality(), b.complete.cardinality()));
      if (a.partial != b.partial)
        check_.damaged(Family::presence, key,
                       "the meters with some periods are not those that the versions give");
      if (received_ && a.newest != b.newest)
        check_.damaged(Family::presence, key,
                       fmt::format("the newest version was received at {}, the record says {}",
                                   b.newest.milliseconds, a.newest.milliseconds));
    }
  }

  /// The quantity in a presence key; `rest` bytes follow it.
  static core::MeasurementQuantity quantity_in(std::string_view key, std::size_t rest) {
    constexpr std::size_t day_end = 1 + sizeof(std::int32_t);
    if (key.size() != day_end + 1 + rest) refuse_record("is no key of this family");
    return quantity_of(static_cast<std::uint8_t>(key[day_end]));
  }

  /// What the market has been told of a UTC day's load shapes, when there is nothing left to tell.
  void check_told(UtcDay day) {
    ShapeSumsByGroup told;
    const std::string prefix = told_table.key().day(day.value).str();
    check_.scan_again(Family::ledger, prefix, [&](std::string_view key, std::string_view value) {
      const auto sums = checked_record<schema::ShapeSumsRecord>(
          value, [](auto record) { return read_shape_sums(record.getSums()); });
      if (prefix + sums.group.to_string() != key || sums.day != day)
        refuse_record("holds the sums of another group or day");
      told[sums.group] = sums.sums;
    });
    if (untold_.contains(day)) return;
    for (const auto& [group, change] : actors::difference(sums_of(day), told))
      check_.damaged(Family::ledger, prefix + group.to_string(),
                     "what the market has been told is not what the versions give");
  }

  /// By how much blocks have changed a UTC day's load-shape sums: all together, to what they are.
  void check_shape_changes(UtcDay day) {
    for (const auto& [group, change] : actors::difference(sums_of(day), shape_changes_[day]))
      check_.damaged(
          Family::arrival, {},
          fmt::format(
              "what blocks have changed of load shape {} of {} is not what the versions give",
              group.to_string(), core::format_day(day.value)));
    shape_changes_.erase(day);
  }

  /// A UTC day's load-shape sums, by its versions.
  ShapeSumsByGroup sums_of(UtcDay day) const {
    return shape_sums(day, calendar_, meters_.terms, [&](SettlementDay d) -> const LedgerDay* {
      const auto found = ledger_.find(d);
      return found == ledger_.end() ? nullptr : &found->second;
    });
  }

  /// Compares the settlement days up to `last`: no later UTC day touches them.
  void finish_ledger(SettlementDay last) {
    if (!meters_.terms_known) return;
    const auto finish = [&](SettlementDay day, const LedgerDay& rows) {
      check_ledger_day(day, rows);
    };
    while (!ledger_.empty() && ledger_.begin()->first <= last) {
      finish(ledger_.begin()->first, ledger_.begin()->second);
      ledger_days_.erase(ledger_.begin()->first);
      ledger_.erase(ledger_.begin());
    }
    while (!ledger_days_.empty() && *ledger_days_.begin() <= last &&
           (ledger_.empty() || *ledger_days_.begin() < ledger_.begin()->first)) {
      finish(*ledger_days_.begin(), LedgerDay());
      ledger_days_.erase(ledger_days_.begin());
    }
  }

  void check_ledger_day(SettlementDay day, const LedgerDay& expected) {
    LedgerDay stored;
    check_.scan_again(
        Family::ledger, ledger_day_prefix(day), [&](std::string_view key, std::string_view value) {
          const auto taken = take_ledger_row(key, value, check_.where(), meta_.terms_count, stored);
          if (!taken) refuse_record(taken.error().text);
        });
    std::set<LedgerDay::Key> keys;
    for (const auto key : stored.keys()) keys.insert(key);
    for (const auto key : expected.keys()) keys.insert(key);
    for (const auto key : keys) {
      const LedgerRow* a = stored.find(LedgerDay::terms_of(key), LedgerDay::quantity_of(key));
      const LedgerRow* b = expected.find(LedgerDay::terms_of(key), LedgerDay::quantity_of(key));
      for (int c = 0; c < core::quality_class_count; ++c) {
        const auto quality_class = static_cast<core::QualityClass>(c);
        const std::string text =
            difference(a ? a->find(quality_class) : nullptr, b ? b->find(quality_class) : nullptr);
        if (!text.empty()) check_.damaged(Family::ledger, ledger_key(day, key), text);
      }
    }
  }

  Check& check_;
  const MetaFacts& meta_;
  const std::optional<ReceivedTimes>& received_;
  CheckedMeters& meters_;
  const core::SettlementCalendar& calendar_;
  std::map<SettlementDay, LedgerDay> ledger_;  // from versions; days that may still grow
  LedgerBuilder builder_;
  QuantityPresence presence_;                             // of day_, from versions
  std::map<std::string, core::RefusedPeriods> refusals_;  // of day_, from versions, by their keys
  ShapeSumsByDay shape_changes_;                          // by the notes of blocks
  std::optional<UtcDay> day_;
  std::set<UtcDay> days_;  // not finished yet
  std::set<UtcDay> untold_;
  std::set<SettlementDay> ledger_days_;
};

}  // namespace

void check_days(Check& check, const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
                CheckedMeters& meters, const core::SettlementCalendar& calendar) {
  DaysCheck(check, meta, received, meters, calendar).run();
}

}  // namespace hhgrid::actors
