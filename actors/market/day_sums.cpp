#include "actors/market/day_sums.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "actors/market/load_shape.hpp"
#include "core/packing.hpp"

namespace hhgrid::actors {

using core::UtcDay;
using storage::Family;

namespace {

OpenClosing& open_closing(MarketState& state, storage::Position closing) {
  const auto found = state.closings.find(closing);
  if (found == state.closings.end())
    throw TurnFailure(fmt::format("no day is being closed by entry {}", to_string(closing)));
  return found->second;
}

/// The groups of the day, and what is published already that the changes may reach: the same group
/// on the days that look back on them, and on their own day every group, since a back-stop comes
/// from the parents.
std::set<WantedShape> wanted_shapes(MarketState& state, const OpenClosing& open,
                                    std::map<UtcDay, PublishedDay>& published) {
  const DayClosing& closing = open.closing();
  const int back = closing.policy.like_days_max;
  std::set<WantedShape> wanted;
  state.shape_totals.require(closing.day - back, closing.day);
  for (int d = 0; d <= back; ++d)
    for (const auto& group : state.shape_totals.groups(closing.day - d))
      wanted.emplace(closing.day, group);
  const auto published_on = [&](UtcDay day) -> const PublishedDay& {
    const auto [found, is_new] = published.try_emplace(day);
    if (is_new && state.is_closed(day)) found->second = state.published_of(day);
    return found->second;
  };
  for (const auto& [group, shape] : published_on(closing.day)) wanted.emplace(closing.day, group);
  for (const auto& [changed, groups] : open.deltas()) {
    if (state.is_closed(changed))
      for (const auto& [group, shape] : published_on(changed)) wanted.emplace(changed, group);
    for (const auto& [group, delta] : groups) {
      if (closing.day - back <= changed && changed <= closing.day)
        wanted.emplace(closing.day, group);
      if (state.is_closed(changed)) wanted.emplace(changed, group);
      for (int ahead = 1; ahead <= back; ++ahead)
        if (published_on(changed + ahead).contains(group)) wanted.emplace(changed + ahead, group);
    }
  }
  return wanted;
}

void write_told(const PublishedShape& shape, schema::PublishedShape::Builder out) {
  write_group(shape.shape.group, out.initGroup());
  out.setUtcDay(shape.shape.day.value);
  out.setIssue(shape.issue);
  std::array<std::uint8_t, core::packed_size_max> packed;
  const auto size = core::pack_values(shape.shape.shape.energy_wh, packed);
  out.setEnergyWh(kj::arrayPtr(packed.data(), size));
  const auto& flags = shape.shape.shape.flag;
  const bool one = std::all_of(flags.begin(), flags.end(), [&](auto f) { return f == flags[0]; });
  auto data = out.initFlags(one ? 1 : static_cast<unsigned>(flags.size()));
  for (unsigned i = 0; i < data.size(); ++i) data[i] = static_cast<kj::byte>(flags[i]);
}

void tell_meters(const MarketState& state, UtcDay day, const std::vector<PublishedShape>& shapes,
                 MarketEffects& effects) {
  capnp::MallocMessageBuilder message;
  auto told = message.initRoot<schema::DayShapes>();
  told.setUtcDay(day.value);
  auto list = told.initShapes(static_cast<unsigned>(shapes.size()));
  for (unsigned i = 0; i < list.size(); ++i) write_told(shapes[i], list[i]);
  for (const storage::PartitionId partition : state.topology.all_meters())
    effects.send(partition).setDayShapes(told);
}

void publish(MarketState& state, OpenClosing& open, MarketEffects& effects) {
  DayClosing closing = open.closing();
  std::map<UtcDay, PublishedDay> published;
  auto wanted = wanted_shapes(state, open, published);
  const auto shapes =
      make_shapes(state.shape_totals,
                  {open.deltas(), open.standing(), closing.policy, std::move(wanted)}, effects);
  std::vector<PublishedShape> issued;
  for (const auto& shape : shapes) {
    const auto& day = published[shape.day];
    const auto before = day.find(shape.group);
    if (before != day.end() && same_values(before->second.shape.shape, shape.shape)) continue;
    const std::uint32_t issue = before == day.end() ? 1 : before->second.issue + 1;
    closing.reissued += issue > 1;
    issued.push_back({shape, issue, closing.day});
    put_published(issued.back(), effects);
    state.published[shape.day].insert_or_assign(shape.group, issued.back());
  }
  closing.published = static_cast<std::uint32_t>(issued.size());
  closing.complete = true;
  tell_meters(state, closing.day, issued, effects);
  put_closing(closing, effects);
}

}  // namespace

MarketEffects turn(MarketState& state, schema::DaySums::Reader sums, EntryBytes bytes) {
  const auto position = storage::Position::from_number(sums.getClosing());
  OpenClosing& open = open_closing(state, position);
  const ClosingAnswer answer = read_closing_answer(sums, state.topology.meter_partitions());
  const storage::PartitionId partition = answer.partition;
  if (open.has_answer_of(partition))
    throw TurnFailure(fmt::format("partition {} has answered the closing of {} before", partition,
                                  open.closing().day.value));
  const core::ShapePolicy& policy = open.closing().policy;
  std::set<UtcDay> changed;
  for (const GroupDaySums& delta : answer.deltas) changed.insert(delta.day);
  for (const UtcDay day : changed)
    state.shape_totals.require(day - shape_days_back(policy), day + policy.like_days_max);
  MarketEffects effects;
  open.take(answer);
  if (!open.has_all_answers()) {
    effects.put(Family::run, closing_input_key(position, partition), bytes);
    return effects;
  }
  for (const storage::PartitionId answered : state.topology.all_meters())
    if (answered != partition) effects.erase(Family::run, closing_input_key(position, answered));
  if (open.failure().empty()) {
    publish(state, open, effects);
    state.closed.insert(open.closing().day);
  } else {
    // The other partitions have told their changes, and will not again.
    make_shapes(state.shape_totals, {open.deltas(), open.standing(), open.closing().policy},
                effects);
    DayClosing closing = open.closing();
    closing.failure = open.failure();
    put_closing(closing, effects);
  }
  state.closings.erase(position);
  return effects;
}

}  // namespace hhgrid::actors
