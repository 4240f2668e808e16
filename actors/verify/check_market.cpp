#include "actors/verify/check_market.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "actors/gsp/run_results_key.hpp"
#include "actors/host/message_codec.hpp"
#include "actors/market/load_shape_totals.hpp"
#include "actors/market/published_shapes.hpp"
#include "actors/standing/standing_row.hpp"
#include "actors/verify/check_market_runs.hpp"
#include "actors/verify/check_repeats.hpp"
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
    if (key.starts_with(standing_refusal_tag))
      return check_standing_refusal(check, key, value, meta);
    if (key.starts_with(repeat_records.tag()))
      return check_standing_repeat(check, key, value, meta, received, positions);
    if (key.front() != standing_tag) refuse_record("is no key of this family");
    check_standing_version(key, value, meta, received, positions);
  });
}

/// A load shape as it was published.
void check_published(std::string_view key, std::string_view value) {
  const auto shape = checked_record<schema::PublishedShapeRecord>(value, read_published);
  if (published_key(shape.shape.day, shape.shape.group, shape.issue) != key)
    refuse_record("the shape is of another group or day, or another issue");
}

/// Counts and sums of actuals by load-shape group and UTC day, and what was published.
void check_shapes(Check& check) {
  check.scan(Family::ledger, {}, [&](std::string_view key, std::string_view value) {
    if (key.front() == 'p') return check_published(key, value);
    const auto sums = checked_record<schema::ShapeSumsRecord>(
        value, [](auto record) { return read_shape_sums(record.getSums()); });
    if (shape_totals_key(sums.group, sums.day) != key)
      refuse_record("the sums are of another group or day");
    for (const auto count : sums.sums.count)
      if (count < 0) refuse_record(fmt::format("counts {} values", count));
  });
}

}  // namespace

void check_market_partition(Check& check, const MetaFacts& meta,
                            const std::optional<ReceivedTimes>& received, Fold::Identity identity) {
  check_standing(check, meta, received);
  check_shapes(check);
  check_unused(check, {Family::consumption, Family::presence, Family::arrival},
               "the market partition");
  check_market_runs(check, meta, identity);
}

}  // namespace hhgrid::actors
