#include <algorithm>
#include <thread>

#include <spdlog/spdlog.h>

#include "actors/grid/grid_impl.hpp"
#include "actors/grid/run_coordinator.hpp"
#include "actors/host/courier.hpp"
#include "actors/host/in_parallel.hpp"
#include "actors/host/messages.hpp"
#include "actors/host/partition_actor.hpp"
#include "actors/market/market_fold.hpp"
#include "actors/meter/meter_fold.hpp"
#include "actors/query/inspection.hpp"
#include "actors/query/inspector.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::PartitionId;

std::size_t Grid::Impl::parallel_stores() {
  return std::max(2u, std::thread::hardware_concurrency());
}

void Grid::Impl::describe(PartitionId id, PartitionStatus& status) const {
  status.market = id == options.partitions;
  status.journal_end = journal->end(id);
  if (status.market) {
    const auto& market = static_cast<const MarketFold&>(*partitions[id].fold);
    status.accepted = market.standing_accepted_count();
    status.unchanged = market.standing_unchanged_count();
    return;
  }
  const auto& fold = static_cast<const MeterFold&>(*partitions[id].fold);
  status.meters = fold.meter_count();
  status.resident_meters = fold.resident_meters();
  status.memory_bytes = fold.memory_bytes();
  status.accepted = fold.counts().accepted;
  status.unchanged = fold.counts().unchanged;
  status.unregistered = fold.counts().unregistered;
  status.not_registered = fold.counts().not_registered;
  status.refused_periods = fold.counts().refused_periods;
}

/// Everybody is there before anybody is sent anything: first the actors, then the journal's
/// deliveries, at last what a crash kept from leaving.
void Grid::Impl::spawn() {
  spawn_services();
  for (auto& partition : partitions) {
    const PartitionId id = partition.fold->id();
    PartitionWiring wiring{partition.fold,
                           partition.store,
                           partition.progress,
                           courier,
                           [this, id](PartitionStatus& status) { describe(id, status); },
                           [coordinator = coordinator](const Error& error) {
                             caf::anon_send(coordinator, halt_atom::value, error.text);
                           }};
    partition.actor = system.spawn(partition_actor, std::move(wiring));
  }
  OldParcels old;
  for (const auto& partition : partitions) {
    auto messages = partition.fold->take_outbox();
    partition.progress->sent(messages.size());
    if (!messages.empty())
      old.parcels.push_back({partition.fold->id(), partition.actor, std::move(messages)});
  }
  // Bytes are counted here and not by the appender: a block that the journal has already is not
  // delivered again.
  for (auto& partition : partitions)
    journal->subscribe(partition.fold->id(),
                       [this, actor = partition.actor,
                        progress = partition.progress](storage::JournalBlock block) {
                         progress->appended(bytes_of(block));
                         caf::anon_send(actor, Delivery{std::move(block)});
                         keep_journal_short();
                       });
  // Together: what a partition sends in answer to the first must not overtake its old messages, or
  // their receivers would take these for repeats.
  if (!old.parcels.empty()) caf::anon_send(courier, std::move(old));
  keep_journal_short();  // a crash may have left a long one
}

void Grid::Impl::spawn_services() {
  storage::Journal* const log = journal.get();
  courier =
      system.spawn<caf::detached>(courier_actor, log, [this](const std::optional<Error>& trouble) {
        for (auto& partition : partitions) partition.progress->set_courier_trouble(trouble);
        if (trouble && !storage::may_pass(trouble->code))
          caf::anon_send(coordinator, halt_atom::value, trouble->text);
      });
  coordinator = system.spawn(run_coordinator, log, options.partitions,
                             RunPolicy{options.correction, options.shape});
  InspectionSource source;
  for (const auto& partition : partitions) source.stores.push_back(partition.store.get());
  source.calendar = &calendar;
  source.meter_partitions = options.partitions;
  inspector = system.spawn<caf::detached>(
      inspector_actor, Inspect([source](const Address& address, std::optional<std::int32_t> day) {
        return inspect_json(source, address, day);
      }));
}

void Grid::Impl::keep_journal_short() {
  const std::uint64_t newest = journal->newest_segment();
  if (newest_segment.exchange(newest) == newest) return;
  for (const PartitionId id : journal->holding_back(options.journal_bytes_max))
    caf::anon_send(partitions[id].actor, flush_atom::value);
}

tl::expected<void, Error> Grid::Impl::stop() {
  if (std::exchange(stopped, true)) return {};
  if (journal) journal->close();
  caf::scoped_actor self(system);
  const auto end = [&](caf::actor& actor) {
    if (!actor) return;
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    self->wait_for(actor);
    actor = nullptr;
  };
  for (auto& partition : partitions) end(partition.actor);  // first: they know the others
  end(coordinator);
  end(courier);
  end(inspector);
  auto flushed =
      in_parallel(partitions.size(), parallel_stores(), [&](std::size_t i) { return flush(i); });
  for (const auto& partition : partitions)
    if (auto trouble = partition.progress->own_trouble();
        trouble && !storage::may_pass(trouble->code))
      return tl::unexpected(*trouble);
  return flushed;
}

/// The last flush of a store.
tl::expected<void, Error> Grid::Impl::flush(std::size_t partition) {
  auto& store = partitions[partition].store;
  if (!store) return {};
  auto flushed = store->flush(true);
  store->on_durable({});
  if (flushed) return {};
  spdlog::error("partition {}: {}", partition, flushed.error().text);
  if (flushed.error().code == storage::Errc::no_space) return {};
  return flushed;
}

}  // namespace hhgrid::actors
