#include "actors/market/market_load.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kj/exception.h>

#include "actors/gsp/run_results_key.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

/// Gives an open run a message that it had taken before.
void take_again(OpenRun& run, std::string_view value, storage::PartitionId partitions) {
  const storage::AlignedWords aligned(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  storage::EntryView view(aligned.words());
  const auto entry = view.entry();
  if (!entry) throw TurnFailure(entry.error().text);
  if (entry->isRunSums())
    run.take(read_partition_sums(entry->getRunSums(), partitions));
  else if (entry->isRunDefaults())
    run.take(read_partition_defaults(entry->getRunDefaults(), partitions));
  else if (entry->isGroupSettled())
    run.take(read_group_answer(entry->getGroupSettled()));
  else
    throw TurnFailure("the entry is no part of a run");
}

/// Sums stand before defaults and these before the groups' answers in the store, so the run goes
/// through its states in order.
tl::expected<void, Error> take_inputs(OpenRun& run, const storage::Store::View& view,
                                      storage::PartitionId partitions) {
  std::optional<Error> failure;
  const auto visit = [&](std::string_view key, std::string_view value) {
    const auto damaged = [&](std::string_view why) {
      failure = Error{Errc::damaged,
                      "run input " + storage::printable_key(key) + ": " + std::string(why)};
      return false;
    };
    try {
      take_again(run, value, partitions);
    } catch (const kj::Exception& e) {
      return damaged(e.getDescription().cStr());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      return damaged(e.what());
    }
    return true;
  };
  auto scanned =
      view.scan_prefix(Family::run, run_key::prefix(run_key::input_tag, run.info().number), visit);
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  if (!run.has_all_sums()) return {};
  std::vector<GroupDayShape> shapes;
  auto read = for_each_shape(view, run.info().number, [&](const GroupDayShape& shape) {
    shapes.push_back(shape);
    return true;
  });
  if (read) run.shapes_made(std::move(shapes));
  return read;
}

}  // namespace

tl::expected<void, Error> load_market(MarketState& state, const storage::Store::View& view) {
  if (auto loaded = state.standing.load(view); !loaded) return loaded;
  auto runs = unsettled_runs(view);
  if (!runs) return tl::unexpected(runs.error());
  for (RunInfo& run : *runs) {
    if (run.status == RunStatus::HELD) state.held.emplace(run.number, run);
    if (run.status != RunStatus::COLLECTING) continue;
    auto standing = state.standing.as_of(run.standing_position, view);
    if (!standing) return tl::unexpected(standing.error());
    const auto [open, is_new] = state.open.try_emplace(run.number, run, std::move(*standing),
                                                       state.topology.meter_partitions());
    if (auto taken = take_inputs(open->second, view, state.topology.meter_partitions()); !taken)
      return taken;
  }
  return {};
}

}  // namespace hhgrid::actors
