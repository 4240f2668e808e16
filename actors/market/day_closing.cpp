#include "actors/market/day_closing.hpp"

#include "actors/market/market_run.hpp"
#include "actors/market/market_state.hpp"
#include "core/assertion.hpp"
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
