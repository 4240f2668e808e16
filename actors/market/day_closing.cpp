#include "actors/market/day_closing.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "actors/market/load_shape.hpp"
#include "actors/market/market_run.hpp"
#include "actors/market/market_state.hpp"
#include "core/assertion.hpp"
#include "core/packing.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {

using core::UtcDay;
using storage::Error;
using storage::Family;

namespace {

constexpr char input_tag = 'k';

std::string input_prefix(storage::Position closing) {
  return storage::KeyWriter().tag(input_tag).position(closing).str();
}

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
  const auto wanted = wanted_shapes(state, open, published);
  const auto shapes = make_shapes(
      state.shape_totals, {open.deltas(), open.standing(), closing.policy, wanted}, effects);
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

std::string closing_input_key(storage::Position closing, storage::PartitionId partition) {
  return storage::KeyWriter().tag(input_tag).position(closing).u16(partition).str();
}

ClosingAnswer read_closing_answer(schema::DaySums::Reader in, storage::PartitionId partitions) {
  const storage::PartitionId partition = in.getPartition();
  if (partition >= partitions)
    refuse_field("partition", std::to_string(partition), "is no meter partition");
  return {partition, read_shape_deltas(in.getShapeDeltas()), in.getFailure().cStr()};
}

void OpenClosing::take(const ClosingAnswer& answer) {
  HHGRID_ASSERT(!answered_.at(answer.partition), answer.partition);
  for (const GroupDaySums& delta : answer.deltas) deltas_[delta.day][delta.group] += delta.sums;
  if (!answer.failure.empty()) failures_.insert(answer.failure);
  answered_[answer.partition] = true;
  ++taken_;
}

std::string OpenClosing::failure() const {
  std::string text;
  for (const auto& failure : failures_) text.append(text.empty() ? "" : " ").append(failure);
  return text;
}

MarketEffects turn(MarketState& state, schema::DayClosed::Reader closed,
                   const TurnContext& context) {
  MarketEffects effects;
  DayClosing closing;
  closing.day = {read_day("utcDay", closed.getUtcDay())};
  closing.closing = context.position;
  closing.closed_at = context.received_at;
  closing.policy = read_shape_policy(closed);
  for (const auto& [position, open] : state.closings)
    if (open.closing().day == closing.day) return effects;
  if (state.is_closed(closing.day)) return effects;
  put_closing(closing, effects);
  for (const storage::PartitionId partition : state.topology.all_meters()) {
    auto marker = effects.send(partition).initDayMarker();
    marker.setClosing(context.position.number());
    marker.setUtcDay(closing.day.value);
  }
  state.closings.try_emplace(context.position, closing, state.standing.snapshot(),
                             state.topology.meter_partitions());
  return effects;
}

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

tl::expected<void, Error> load_closings(MarketState& state, const storage::Store::View& view) {
  std::vector<DayClosing> open;
  auto read = closed_table.each(view, [&](storage::KeyReader& key, auto record) {
    key.day();
    DayClosing closing = read_closing(record);
    if (!closing.complete && closing.failure.empty()) open.push_back(std::move(closing));
  });
  if (!read) return read;
  for (const DayClosing& closing : open) {
    auto standing = state.standing.as_of(closing.closing, view);
    if (!standing) return tl::unexpected(standing.error());
    auto& taken = state.closings
                      .try_emplace(closing.closing, closing, std::move(*standing),
                                   state.topology.meter_partitions())
                      .first->second;
    std::optional<Error> failure;
    auto scanned = view.scan_prefix(
        Family::run, input_prefix(closing.closing),
        [&](std::string_view key, std::string_view value) {
          const storage::AlignedWords words(
              kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
          storage::EntryView entry(words.words());
          try {
            const auto root = entry.entry();
            if (!root || !root->isDaySums())
              throw TurnFailure(root ? "it is no answer to a closing" : root.error().text);
            taken.take(read_closing_answer(root->getDaySums(), state.topology.meter_partitions()));
          } catch (const kj::Exception& e) {
            failure = Error{storage::Errc::damaged, e.getDescription().cStr()};
          } catch (const TurnFailure& e) {
            failure = Error{storage::Errc::damaged, e.what()};
          }
          if (failure)
            failure->text =
                view.path().string() + " run " + storage::printable_key(key) + ": " + failure->text;
          return !failure;
        });
    if (!scanned) return scanned;
    if (failure) return tl::unexpected(*failure);
  }
  return {};
}

}  // namespace hhgrid::actors
