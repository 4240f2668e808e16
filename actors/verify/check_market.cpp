#include <map>
#include <set>

#include <fmt/format.h>

#include "actors/gsp/run_results_key.hpp"
#include "actors/host/message_codec.hpp"
#include "actors/market/load_shape_totals.hpp"
#include "actors/market/standing_row.hpp"
#include "actors/verify/check_market_runs.hpp"
#include "actors/verify/check_partition.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::KeyReader;

/// Every version of every row of standing data under its own key.
void check_standing(Check& check, const MetaFacts& meta,
                    const std::optional<ReceivedTimes>& received) {
  std::set<storage::Position> positions;
  check.scan(Family::actor, {}, [&](std::string_view key, std::string_view value) {
    if (key.front() != standing_tag || key.size() <= sizeof(storage::Position))
      refuse_record("is no key of this family");
    const std::string_view row_key = key.substr(0, key.size() - sizeof(storage::Position));
    const storage::Position position = KeyReader(key.substr(row_key.size())).position();
    require_position(position, meta);
    if (!positions.insert(position).second)
      refuse_record(fmt::format("position {} has another effect too", to_string(position)));
    if (received && !received_at(*received, position))
      refuse_record(fmt::format("no block holds position {}", to_string(position)));
    const storage::AlignedWords words(
        kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
    storage::EntryView view(words.words());
    const auto entry = view.entry();
    if (!entry) refuse_record(entry.error().text);
    if (standing_row_key(read_standing(*entry)) != row_key)
      refuse_record("the row is another one's");
  });
}

/// Counts and sums of actuals by load-shape group and UTC day.
void check_shape_totals(Check& check) {
  check.scan(Family::ledger, {}, [&](std::string_view key, std::string_view value) {
    const auto sums = checked_record<schema::SentShapeRecord>(
        value, [](auto record) { return read_shape_sums(record.getSums()); });
    if (shape_totals_key(sums.group, sums.day) != key)
      refuse_record("the sums are of another group or day");
    for (const auto count : sums.sums.count)
      if (count < 0) refuse_record(fmt::format("counts {} values", count));
  });
}

/// Families that the market partition has no use for.
void check_unused(Check& check) {
  for (const Family family : {Family::consumption, Family::presence})
    check.scan(family, {},
               [](auto, auto) { refuse_record("the market partition has no such record"); });
}

}  // namespace

void check_market_partition(Check& check, const MetaFacts& meta,
                            const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                            const core::SettlementCalendar& calendar) {
  check_standing(check, meta, received);
  check_shape_totals(check);
  check_unused(check);
  check_market_runs(check, meta, identity, calendar);
}

}  // namespace hhgrid::actors
