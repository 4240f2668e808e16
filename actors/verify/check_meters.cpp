#include "actors/verify/check_meters.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>
#include <roaring/roaring.hh>

#include "actors/meter/limits_table.hpp"
#include "actors/meter/refusal_table.hpp"
#include "actors/verify/check_days.hpp"
#include "actors/verify/check_meter_runs.hpp"
#include "actors/verify/check_repeats.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using core::SettlementDay;
using storage::Family;
using storage::KeyReader;
using storage::Position;

void check_terms(Check& check, const MetaFacts& meta, CheckedMeters& meters) {
  const auto loaded = meters.terms.load(check.view());
  if (!loaded) return check.damaged(Family::actor, "t", loaded.error().text);
  meters.terms_known = meters.terms.size() == meta.terms_count;
  if (!meters.terms_known)
    check.damaged(Family::actor, "t",
                  fmt::format("holds {} sets of terms, the meta record says {}",
                              meters.terms.size(), meta.terms_count));
}

class MeterCheck {
 public:
  MeterCheck(const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
             Fold::Identity identity, CheckedMeters& meters)
      : meta_(meta), received_(received), identity_(identity), meters_(meters) {}

  void visit(std::string_view key, std::string_view value) {
    if (key.front() == 't') return;  // check_terms
    if (key.front() == limits_tag.front()) return check_limits(key, value);
    if (key.front() == refusal_tag.front()) return check_refusal(key);
    KeyReader reader(key.substr(1));
    const std::uint64_t digits = reader.u64();
    if (key.front() != meter_key_prefix.front() || !reader.complete())
      refuse_record("is no key of this family");
    const auto mpan = core::Mpan::parse(fmt::format("{:013}", digits));
    if (!mpan) refuse_record(mpan.error().text);
    auto meter = read_meter_record(value, "the record");
    if (!meter) refuse_record(meter.error().text);
    const std::size_t unknown = forget_unknown_terms(*meter);
    const MeterState& state =
        meters_.by_mpan.insert_or_assign(*mpan, std::move(*meter)).first->second;
    if (unknown > 0)
      refuse_record(fmt::format("{} registrations are on terms that there are not", unknown));
    if (identity_.topology.of(*mpan) != identity_.id)
      refuse_record("the meter belongs to another partition");
    if (state.number >= meta_.meter_count || !numbers_.addChecked(state.number))
      refuse_record(fmt::format("meter number {} of {} is another's or none", state.number,
                                meta_.meter_count));
    if (state.seldom->failed_position.block() > meta_.block)
      refuse_record("failed at a position that has not been applied");
    check_versions(state);
  }

  std::set<core::UtcDay> refused_days() const { return refused_days_; }
  std::uint64_t count() const { return numbers_.cardinality(); }

 private:
  void check_limits(std::string_view key, std::string_view value) {
    KeyReader reader(key.substr(limits_tag.size()));
    const Position position = reader.position();
    if (!reader.complete()) refuse_record("is no key of this family");
    require_position(position, meta_);
    if (!meters_.positions.addChecked(position.number()))
      refuse_record(fmt::format("position {} has another effect too", to_string(position)));
    checked_record<schema::ConsumptionLimitsRecord>(
        value, [](auto record) { return read_maximum(record.getMaximumWh()); });
  }

  /// Its content is compared when the versions of its day have been read.
  void check_refusal(std::string_view key) {
    const auto version = read_refusal_key(key, "the store");
    if (!version) refuse_record(version.error().text);
    require_position(version->position, meta_);
    refused_days_.insert(version->day);
  }

  void check_versions(const MeterState& state) {
    Position last;
    for (const auto& version : state.registrations) {
      take_position(state.number, version.position, std::exchange(last, version.position));
      if (version.to < version.from) refuse_record("a registration ends before it begins");
    }
    last = {};
    for (const auto& version : state.annual_consumption) {
      take_position(state.number, version.position, std::exchange(last, version.position));
      if (storage::annual_consumption_qualities.find(version.quality) == std::string_view::npos)
        refuse_record("an annual consumption has no known quality");
    }
    last = {};
    for (const auto& version : state.registers())
      take_position(state.number, version.position, std::exchange(last, version.position));
  }

  /// What is checked later can then rely on terms being known. Returns how many registrations are
  /// gone.
  std::size_t forget_unknown_terms(MeterState& state) const {
    auto& all = state.registrations;
    const auto rest = std::remove_if(all.begin(), all.end(), [&](const auto& version) {
      return version.terms >= meters_.terms.size();
    });
    const auto gone = static_cast<std::size_t>(all.end() - rest);
    all.erase(rest, all.end());
    if (gone > 0)  // they are counted from the first on
      for (auto& version : all) version.contradicted_by = 0;
    return gone;
  }

  void take_position(std::uint32_t number, Position position, Position before) {
    if (position <= before) refuse_record("its versions are not in journal order");
    require_block(position, meta_, received_);
    if (!meters_.positions.addChecked(position.number()))
      refuse_record(fmt::format("position {} has another effect too", to_string(position)));
    meters_.arrived.registered(position, number);
  }

  const MetaFacts& meta_;
  const std::optional<ReceivedTimes>& received_;
  Fold::Identity identity_;
  CheckedMeters& meters_;
  Roaring numbers_;
  std::set<core::UtcDay> refused_days_;
};

Roaring read_bitmap(capnp::Data::Reader bytes) {
  return Roaring::readSafe(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

/// Compares what is stored with what follows; a record that says nothing is as good as none.
template <class Key, class Value>
void compare_maps(Check& check, const std::map<Key, Value>& stored,
                  const std::map<Key, Value>& expected,
                  const std::function<std::string(const Key&)>& key_of, const Value& nothing) {
  const auto value_of = [&](const std::map<Key, Value>& map, const Key& key) -> const Value& {
    const auto found = map.find(key);
    return found == map.end() ? nothing : found->second;
  };
  std::set<Key> keys;
  for (const auto& [key, value] : stored) keys.insert(key);
  for (const auto& [key, value] : expected) keys.insert(key);
  for (const auto& key : keys)
    if (!(value_of(stored, key) == value_of(expected, key)))
      check.damaged(Family::presence, key_of(key), "is not what the registrations give");
}

}  // namespace

CheckedMeters check_meters(Check& check, const MetaFacts& meta,
                           const std::optional<ReceivedTimes>& received, Fold::Identity identity) {
  CheckedMeters meters;
  check_terms(check, meta, meters);
  MeterCheck one(meta, received, identity, meters);
  const auto before = check.report().damage_count;
  check.scan(Family::actor, {}, [&](std::string_view key, std::string_view value) {
    // They come after the meters.
    if (key.starts_with(repeat_records.tag()))
      check_meter_repeat(check, key, value, meta, received, meters);
    else
      one.visit(key, value);
  });
  meters.refused_days = one.refused_days();
  if (check.report().damage_count != before) return meters;
  if (one.count() != meta.meter_count)
    check.damaged(
        Family::actor, meter_key_prefix,
        fmt::format("holds {} meters, the meta record says {}", one.count(), meta.meter_count));
  return meters;
}

void check_population(Check& check, const CheckedMeters& meters) {
  using ToggleKey = std::pair<core::Direction, SettlementDay>;
  using CountKey = std::pair<TermsId, SettlementDay>;
  std::map<ToggleKey, Roaring> expected_toggles, stored_toggles;
  std::map<CountKey, std::int64_t> expected_counts, stored_counts;
  for (const auto& [mpan, meter] : meters.by_mpan) {
    const auto edge = [&, number = meter.number](const TermsSpan& span, SettlementDay day,
                                                 int step) {
      expected_counts[{span.terms, day}] += step;
      const core::Terms& terms = meters.terms.at(span.terms);
      if (!terms.energised) return;
      auto& toggled = expected_toggles[{terms.direction, day}];
      if (!toggled.addChecked(number)) toggled.remove(number);
    };
    for (const TermsSpan& span : terms_spans(meter)) {
      edge(span, span.from, 1);
      if (span.to != core::open_ended) edge(span, span.to + 1, -1);
    }
  }
  const auto read = [&](char tag, const std::function<void(KeyReader&, std::string_view)>& take) {
    return check.scan_again(Family::presence, std::string(1, tag),
                            [&](std::string_view key, std::string_view value) {
                              KeyReader reader(key.substr(1));
                              take(reader, value);
                              if (!reader.complete()) refuse_record("is no key of this family");
                            });
  };
  read('t', [&](KeyReader& key, std::string_view value) {
    const auto direction = static_cast<core::Direction>(key.u8());
    stored_toggles[{direction, SettlementDay{key.day()}}] =
        checked_record<schema::PopulationRecord>(
            value, [](auto record) { return read_bitmap(record.getToggled()); });
  });
  read('r', [&](KeyReader& key, std::string_view value) {
    const TermsId terms = key.u32();
    stored_counts[{terms, SettlementDay{key.day()}}] =
        checked_record<schema::PopulationCountRecord>(
            value, [](auto record) { return record.getChange(); });
  });
  compare_maps<ToggleKey, Roaring>(
      check, stored_toggles, expected_toggles,
      [](const ToggleKey& key) {
        return storage::KeyWriter()
            .tag('t')
            .u8(static_cast<std::uint8_t>(key.first))
            .day(key.second.value)
            .str();
      },
      Roaring());
  compare_maps<CountKey, std::int64_t>(
      check, stored_counts, expected_counts,
      [](const CountKey& key) {
        return storage::KeyWriter().tag('r').u32(key.first).day(key.second.value).str();
      },
      0);
}

void check_meter_partition(Check& check, const MetaFacts& meta,
                           const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                           const core::SettlementCalendar& calendar) {
  CheckedMeters meters = check_meters(check, meta, received, identity);
  if (meters.terms_known) check_population(check, meters);
  check_meter_runs(check, meters);
  check_days(check, meta, received, meters, calendar);
}

}  // namespace hhgrid::actors
