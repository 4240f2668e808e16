#include "actors/query/inspection_standing.hpp"

#include <algorithm>

#include "actors/standing/standing_refusals.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors::inspection {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;
using storage::KeyWriter;

/// How far back a missing line loss factor may be taken from (`arithmetic.md` 6).
constexpr int line_loss_days_max = 366;

StandingRow decode(std::string_view value) {
  const storage::AlignedWords aligned(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  storage::EntryView view(aligned.words());
  const auto entry = view.entry();
  if (!entry) throw ReadFailure(entry.error());
  return read_standing(*entry);
}

/// Rows of one table may stand in each other's way, so the order in which they came counts.
void put_in_order(core::StandingData& data, storage::Position up_to,
                  std::vector<const StandingVersion*> versions) {
  std::sort(versions.begin(), versions.end(),
            [](const auto* a, const auto* b) { return a->position < b->position; });
  for (const auto* version : versions)
    if (version->position <= up_to)
      if (const auto left = version->left(up_to)) put(data, *left);
}

std::vector<const StandingVersion*> pointers(const std::vector<StandingVersion>& versions) {
  std::vector<const StandingVersion*> pointers;
  for (const auto& version : versions) pointers.push_back(&version);
  return pointers;
}

std::string line_loss_key(const core::Terms& terms, core::SettlementDay day) {
  return standing_row_key(storage::LineLosses{terms.distributor, terms.llfc, day, {}});
}

}  // namespace

RowParts StandingVersion::refused_as_of(storage::Position as_of) const {
  RowParts parts = 0;
  for (const auto& [by, of] : refused)
    if (by <= as_of) parts |= of;
  return parts;
}

std::vector<StandingVersion> standing_versions(const View& market, const std::string& from,
                                               const std::string& to) {
  std::vector<StandingVersion> versions;
  std::optional<Error> failure;
  StandingRefusals refusals;
  const std::string tag(standing_refusal_tag);
  need(market.scan(
      Family::actor, tag + from, tag + to, [&](std::string_view key, std::string_view value) {
        const auto row = refusals.add(key, value, [&] {
          return market.path().string() + " standing data " + storage::printable_key(key);
        });
        if (!row) failure = row.error();
        return !failure;
      }));
  if (failure) throw ReadFailure(std::move(*failure));
  need(market.scan(Family::actor, from, to, [&](std::string_view key, std::string_view value) {
    const auto damaged = [&](std::string_view why) {
      failure = Error{Errc::damaged, market.path().string() + " standing data " +
                                         storage::printable_key(key) + ": " + std::string(why)};
      return false;
    };
    const auto split = storage::split_position(key);
    if (!split) return damaged("the key is too short");
    const auto [row_key, position] = *split;
    try {
      versions.push_back({std::string(row_key), position, decode(value)});
      if (const auto refused = refusals.versions().find(position);
          refused != refusals.versions().end())
        versions.back().refused = refused->second;
    } catch (const kj::Exception& e) {
      return damaged(e.getDescription().cStr());
    } catch (const std::exception& e) {
      return damaged(e.what());
    }
    return true;
  }));
  if (failure) throw ReadFailure(std::move(*failure));
  return versions;
}

std::vector<StandingVersion> standing_versions(const View& market, const std::string& prefix) {
  return standing_versions(market, prefix, storage::prefix_end(prefix));
}

std::string bmu_prefix(const core::BmuId& bmu) {
  return KeyWriter().tag(standing_tag).tag('b').text(bmu.view()).str();
}

std::string take_prefix(core::GspGroup group) {
  return KeyWriter().tag(standing_tag).tag('t').text(group.to_string()).str();
}

std::string take_prefix(core::GspGroup group, core::SettlementDay day) {
  return standing_row_key(storage::GroupTake{group, day, {}});
}

const std::vector<StandingVersion>& StandingExtract::versions(const std::string& from,
                                                              const std::string& to) {
  const auto [known, is_new] = read_.try_emplace({from, to});
  if (is_new) known->second = standing_versions(market_, from, to);
  return known->second;
}

core::StandingData StandingExtract::as_of(storage::Position position,
                                          const std::vector<core::BmuId>& units,
                                          const core::Terms& terms, core::SettlementDay day) {
  core::StandingData data;
  const auto classes = KeyWriter().tag(standing_tag).tag('c').str();
  put_in_order(data, position, pointers(versions(classes, storage::prefix_end(classes))));
  for (const auto& unit : units) {
    const auto rows = bmu_prefix(unit);
    put_in_order(data, position, pointers(versions(rows, storage::prefix_end(rows))));
  }
  put_line_losses(data, position, terms, day);
  return data;
}

/// The day's own factors nearly always serve; the year before is read when they do not.
void StandingExtract::put_line_losses(core::StandingData& data, storage::Position position,
                                      const core::Terms& terms, core::SettlementDay day) {
  const auto own = line_loss_key(terms, day);
  const auto end = storage::prefix_end(own);
  put_in_order(data, position, pointers(versions(own, end)));
  const auto factors =
      data.line_losses(terms.distributor, terms.llfc, day, calendar_.period_count(day));
  if (std::none_of(factors.begin(), factors.end(), [](const auto& f) { return f.defaulted; }))
    return;
  put_in_order(data, position,
               pointers(versions(line_loss_key(terms, day - line_loss_days_max), own)));
}

}  // namespace hhgrid::actors::inspection
