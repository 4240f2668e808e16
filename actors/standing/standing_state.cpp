#include "actors/standing/standing_state.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <vector>

#include <xxhash.h>

#include "actors/host/repeat.hpp"
#include "actors/standing/standing_refusals.hpp"
#include "actors/standing/standing_row.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

std::string_view as_text(kj::ArrayPtr<const capnp::word> words) {
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

StandingState::Fingerprint fingerprint(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

using Version = StoredStandingRow;

std::string repeats_of(const std::string& row_key) {
  return std::string(repeat_records.tag()) + row_key;
}
std::string repeat_key(const std::string& row_key, storage::Position position) {
  return repeats_of(row_key) + storage::KeyWriter().position(position).str();
}

/// A row that the store has: what is wrong with it is no fault of the entry at hand.
StandingRow stored_row(std::string_view key, std::string_view value) {
  const auto damaged = [&](std::string_view why) {
    return StoreFailure(
        {Errc::damaged, "standing data " + storage::printable_key(key) + ": " + std::string(why)});
  };
  try {
    return stored_standing_row(value);
  } catch (const kj::Exception& e) {
    throw damaged(e.getDescription().cStr());
  } catch (const TurnFailure& e) {
    throw damaged(e.what());
  }
}

/// Calls `visit(row key, version, bytes)` for every version up to a position, row by row, each
/// row's in order.
tl::expected<void, Error> for_each_version(
    const storage::Store::View& view, storage::Position up_to,
    const std::function<void(std::string_view, Version, std::string_view)>& visit,
    const std::string& key_prefix = storage::KeyWriter().tag(standing_tag).str()) {
  std::optional<Error> failure;
  const auto visit_record = [&](std::string_view key, std::string_view value) {
    const auto damaged = [&](std::string_view why) {
      failure = Error{Errc::damaged,
                      "standing data " + storage::printable_key(key) + ": " + std::string(why)};
      return false;
    };
    const auto split = storage::split_position(key);
    if (!split) return damaged("the key is too short");
    const auto [row_key, position] = *split;
    if (position > up_to) return true;
    try {
      StandingRow row = stored_standing_row(value);
      if (standing_row_key(row) != row_key) return damaged("the row is another one's");
      visit(row_key, {position, std::move(row)}, value);
    } catch (const kj::Exception& e) {
      return damaged(e.getDescription().cStr());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      return damaged(e.what());
    }
    return true;
  };
  auto scanned = view.scan_prefix(Family::actor, key_prefix, visit_record);
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

tl::expected<StandingRefusals, Error> load_refusals(
    const storage::Store::View& view,
    const std::function<void(std::string)>& visit = [](const std::string&) {}) {
  StandingRefusals refusals;
  std::optional<Error> failure;
  auto scanned = view.scan_prefix(
      Family::actor, standing_refusal_tag, [&](std::string_view key, std::string_view value) {
        auto row = refusals.add(key, value,
                                [&] { return "standing data " + storage::printable_key(key); });
        if (row)
          visit(std::move(*row));
        else
          failure = std::move(row.error());
        return !failure;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  if (failure) return tl::unexpected(*failure);
  return refusals;
}

/// Rows of one table may stand in each other's way, so the order in which they came counts.
void put_in_order(core::StandingData& data, std::vector<Version>& versions,
                  const StandingRefusals& refusals, storage::Position up_to) {
  std::sort(versions.begin(), versions.end(),
            [](const Version& a, const Version& b) { return a.position < b.position; });
  for (const Version& version : versions) {
    const RowParts refused = refusals.empty() ? 0 : refusals.of(version.position, up_to);
    if (refused == 0)
      put(data, version.row);
    else if (const auto left = without(version.row, refused))
      put(data, *left);
  }
}

}  // namespace

/// An entry that a turn is for.
struct StandingState::Arrived {
  StandingRow row;
  std::string key;
  std::string_view bytes;
  Fingerprint mark;
  storage::Position position;
};

struct StandingState::Judged {
  std::vector<Version> versions;  // of the row and its repeats, in order, without the new one
  std::vector<storage::Position> repeats;  // which of them
  StandingRefusals refusals;               // of them, as they were
  std::vector<std::size_t> own;            // versions of the delivery at hand
  ComparedParts to_own;                    // the new one, to all of those
  bool repeats_last = false;               // the version that stands last, of whatever delivery
};

void StandingState::turn(schema::Entry::Reader entry, kj::ArrayPtr<const capnp::word> bytes,
                         const TurnContext& context, const StandingPorts& ports,
                         MarketEffects& effects) {
  StandingRow row = read_standing(entry);
  std::string key = standing_row_key(row);
  const Arrived arrived{std::move(row), std::move(key), as_text(bytes), fingerprint(as_text(bytes)),
                        context.position};
  const auto known = newest_.find(arrived.key);
  if (known == newest_.end()) return store(arrived, effects);
  if (ports.delivery_began && !contradicted_.contains(arrived.key)) {
    const bool of_delivery = known->second.said.block() >= *ports.delivery_began;
    if (known->second.mark == arrived.mark) return leave_unchanged(arrived, !of_delivery, effects);
    // What the table has was said by this delivery, or the delivery has not spoken of it.
    if (!of_delivery || agrees(*current_, arrived.row)) return store(arrived, effects);
  }
  const Judged judged = judge(arrived, ports);
  const bool contradicts = judged.to_own.different != 0;
  const bool said_before = (parts_of(arrived.row) & ~judged.to_own.same) == 0;
  if (contradicts ? said_before : judged.repeats_last)
    leave_unchanged(arrived, !said_before, effects);
  else if (contradicts)
    refuse(arrived, judged, effects);
  else
    store(arrived, effects);
}

/// Each repeat, in its place among the versions, is the one that stood last before it.
void StandingState::add_repeats(const Arrived& arrived, const StandingPorts& ports,
                                Judged& judged) const {
  const std::string prefix = repeats_of(arrived.key);
  for (const auto& [key, value] : ports.records(prefix)) {
    const auto split = storage::split_position(key);
    if (!split || split->before != prefix) continue;  // another row's
    const storage::Position position = split->position;
    const auto after =
        std::find_if(judged.versions.begin(), judged.versions.end(),
                     [&](const Version& version) { return version.position > position; });
    const auto said = std::find_if(
        std::make_reverse_iterator(after), judged.versions.rend(), [&](const Version& version) {
          return (parts_of(version.row) & ~judged.refusals.of(version.position, position)) != 0;
        });
    if (said == judged.versions.rend())
      throw StoreFailure({Errc::damaged, "standing data " + storage::printable_key(key) +
                                             ": repeats what is not there"});
    judged.versions.insert(after, Version{position, StandingRow(said->row)});
    judged.repeats.push_back(position);
  }
}

StandingState::Judged StandingState::judge(const Arrived& arrived,
                                           const StandingPorts& ports) const {
  Judged judged;
  for (const auto& [key, value] : ports.records(std::string(standing_refusal_tag) + arrived.key)) {
    const auto read = judged.refusals.add(
        key, value, [&, &key = key] { return "standing data " + storage::printable_key(key); });
    if (!read) throw_read_error(read.error());
  }
  for (const auto& [key, value] : ports.records(arrived.key)) {
    const auto split = storage::split_position(key);
    if (!split || split->before != arrived.key) continue;  // another row's
    judged.versions.push_back({split->position, stored_row(key, value)});
  }
  add_repeats(arrived, ports, judged);
  const RowParts parts = parts_of(arrived.row);
  for (std::size_t i = 0; i < judged.versions.size(); ++i) {
    const auto& [position, row] = judged.versions[i];
    const RowParts refused = judged.refusals.of(position);
    const auto [same, different] = compare(row, arrived.row);
    if ((parts_of(row) & ~refused) != 0)
      judged.repeats_last = refused == 0 && parts_of(row) == parts && same == parts;
    if (!ports.of_delivery(position)) continue;
    judged.to_own.same |= same;
    judged.to_own.different |= different;
    judged.own.push_back(i);
  }
  return judged;
}

/// `repeats_others`: its delivery has not said so before.
void StandingState::leave_unchanged(const Arrived& arrived, bool repeats_others,
                                    MarketEffects& effects) {
  ++unchanged_;
  effects.unchanged = true;
  if (!repeats_others) return;
  newest_.at(arrived.key).said = arrived.position;
  effects.put(Family::actor, repeat_key(arrived.key, arrived.position),
              repeat_record(parts_of(arrived.row)));
}

void StandingState::store(const Arrived& arrived, MarketEffects& effects) {
  put(writable(), arrived.row);
  newest_.insert_or_assign(arrived.key, Newest{arrived.mark, arrived.position});
  newest_position_ = arrived.position;
  effects.put(Family::actor, arrived.key + storage::KeyWriter().position(arrived.position).str(),
              std::string(arrived.bytes));
  ++accepted_;
}

void StandingState::refuse(const Arrived& arrived, const Judged& judged, MarketEffects& effects) {
  const RowParts different = judged.to_own.different;
  std::vector<StandingRefusal> refused;
  const auto add = [&](storage::Position version, RowParts parts) {
    if (parts == 0) return;
    refused.push_back({arrived.position, version, parts});
    effects.contradicted.push_back(contradicted_entry(arrived.row, version, parts));
    effects.refused_rows += static_cast<std::uint64_t>(std::popcount(parts));
  };
  for (const std::size_t i : judged.own) {
    const auto& [position, row] = judged.versions[i];
    add(position, parts_of(row) & different & ~judged.refusals.of(position));
  }
  add(arrived.position, different);
  StandingRefusals refusals = judged.refusals;
  for (const auto& one : refused) refusals.add(one);
  // What has been repeated is a version from now on: refused too, or counting in place of what is.
  for (const storage::Position position : judged.repeats) {
    const auto version = std::find_if(judged.versions.begin(), judged.versions.end(),
                                      [&](const Version& one) { return one.position == position; });
    storage::EntryScratch scratch;
    effects.put(Family::actor, arrived.key + storage::KeyWriter().position(position).str(),
                std::string(as_text(encode_standing(version->row, scratch))));
    effects.erase(Family::actor, repeat_key(arrived.key, position));
  }
  std::vector<Version> left = judged.versions;
  left.push_back({arrived.position, arrived.row});
  core::StandingData& data = writable();
  forget(data, arrived.row);
  put_in_order(data, left, refusals, storage::Position::greatest());
  newest_.insert_or_assign(arrived.key, Newest{arrived.mark, arrived.position});
  contradicted_.insert(arrived.key);
  newest_position_ = arrived.position;
  effects.put(Family::actor, arrived.key + storage::KeyWriter().position(arrived.position).str(),
              std::string(arrived.bytes));
  effects.put(Family::actor, standing_refusal_key(arrived.key, arrived.position),
              standing_refusal_record(refused));
  effects.refused = (parts_of(arrived.row) & ~different) == 0;
  accepted_ += !effects.refused;
  refused_ += effects.refused_rows;
}

core::StandingData& StandingState::writable() {
  if (current_.use_count() > 1) current_ = std::make_shared<core::StandingData>(*current_);
  return *current_;
}

tl::expected<void, Error> StandingState::load(const storage::Store::View& view) {
  std::vector<Version> versions;
  newest_.clear();
  contradicted_.clear();
  newest_position_ = {};
  constexpr auto all = storage::Position::greatest();
  const auto refusals =
      load_refusals(view, [&](std::string row_key) { contradicted_.insert(std::move(row_key)); });
  if (!refusals) return tl::unexpected(refusals.error());
  auto read = for_each_version(
      view, all, [&](std::string_view key, Version version, std::string_view bytes) {
        newest_.insert_or_assign(std::string(key), Newest{fingerprint(bytes), version.position});
        newest_position_ = std::max(newest_position_, version.position);
        versions.push_back(std::move(version));
      });
  if (!read) return read;
  current_ = std::make_shared<core::StandingData>();
  put_in_order(*current_, versions, *refusals, all);
  return repeat_records.each(view, [&](storage::KeyReader& key, auto) {
    const auto split = storage::split_position(key.rest());
    if (!split) throw std::runtime_error("is no key of a repeat");
    const auto known = newest_.find(std::string(split->before));
    if (known == newest_.end()) throw std::runtime_error("repeats what is not there");
    known->second.said = std::max(known->second.said, split->position);
  });
}

tl::expected<StandingSnapshot, storage::Error> StandingState::as_of(
    storage::Position position, const storage::Store::View& view) const {
  if (newest_position_ <= position) return snapshot();
  auto data = load_standing(view, position);
  if (!data) return tl::unexpected(data.error());
  return std::make_shared<const core::StandingData>(std::move(*data));
}

namespace {

tl::expected<core::StandingData, Error> load_rows(const storage::Store::View& view,
                                                  storage::Position up_to_position,
                                                  const std::string& key_prefix) {
  const auto refusals = load_refusals(view);
  if (!refusals) return tl::unexpected(refusals.error());
  std::vector<Version> versions;
  auto read = for_each_version(
      view, up_to_position,
      [&](std::string_view, Version version, std::string_view) {
        versions.push_back(std::move(version));
      },
      key_prefix);
  if (!read) return tl::unexpected(read.error());
  core::StandingData data;
  put_in_order(data, versions, *refusals, up_to_position);
  return data;
}

}  // namespace

tl::expected<core::StandingData, Error> load_standing(const storage::Store::View& view,
                                                      storage::Position up_to_position) {
  return load_rows(view, up_to_position, storage::KeyWriter().tag(standing_tag).str());
}

tl::expected<core::StandingData::RunDates, Error> load_run_dates(const storage::Store::View& view) {
  return load_rows(view, storage::Position::greatest(), run_date_key_prefix())
      .map([](const core::StandingData& data) { return data.run_dates(); });
}

}  // namespace hhgrid::actors
