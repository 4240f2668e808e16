#include <algorithm>
#include <thread>

#include <spdlog/spdlog.h>

#include "actors/grid/grid_impl.hpp"
#include "actors/grid/run_coordinator.hpp"
#include "actors/gsp/gsp_fold.hpp"
#include "actors/host/courier.hpp"
#include "actors/host/messages.hpp"
#include "actors/host/partition_actor.hpp"
#include "actors/host/request_desk.hpp"
#include "actors/market/market_fold.hpp"
#include "actors/meter/meter_fold.hpp"
#include "actors/query/inspection.hpp"
#include "actors/query/inspector.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::PartitionId;

namespace {

core::Instant system_time() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

std::size_t Grid::Impl::parallel_stores() {
  return std::max(2u, std::thread::hardware_concurrency());
}

void Grid::Impl::describe(PartitionId id, PartitionStatus& status) const {
  const auto kind = topology().kind(id);
  status.name = topology().name(id);
  status.kind = kind;
  status.journal_end = journal->end(id);
  if (kind == storage::PartitionKind::gsp_group) {
    const auto& group = static_cast<const GspFold&>(*partitions[id].fold);
    status.accepted = group.takes_accepted_count();
    status.unchanged = group.takes_unchanged_count();
    return;
  }
  if (kind == storage::PartitionKind::market) {
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
  status.refused_registrations = fold.counts().refused_registrations;
}

/// Everybody is there before anybody is sent anything: first the actors, then the journal's
/// deliveries, at last what a crash kept from leaving.
tl::expected<void, Error> Grid::Impl::spawn() {
  spawn_services();
  for (const PartitionId id : topology().all()) {
    Partition& partition = partitions[id];
    PartitionWiring wiring{id,
                           partition.fold,
                           partition.store,
                           [this, id](PartitionWiring& late) { return open_late(id, late); },
                           partition.progress,
                           courier,
                           desk,
                           [this, id](PartitionStatus& status) { describe(id, status); },
                           [coordinator = coordinator](const Error& error) {
                             caf::anon_send(coordinator, halt_atom::value, error.text);
                           }};
    partition.actor = system.spawn(partition_actor, std::move(wiring));
  }
  OldParcels old;
  for (const auto& partition : partitions) {
    if (!partition.fold) continue;  // it is opened later, and nothing of it was on the way
    auto blocks = partition.fold->take_outbox();
    partition.progress->sent(blocks.size());
    if (!blocks.empty())
      old.parcels.push_back({partition.fold->id(), partition.actor, std::move(blocks)});
  }
  for (const PartitionId id : topology().all()) {
    auto sink = [this, actor = partitions[id].actor,
                 progress = partitions[id].progress](storage::JournalBlock block) {
      progress->appended(bytes_of(block));
      caf::anon_send(actor, Delivery{std::move(block)});
      keep_journal_short();
    };
    auto subscribed = journal->subscribe(id, partitions[id].progress->block() + 1, std::move(sink));
    if (!subscribed) return subscribed;
  }
  // Together: what a partition sends in answer to the first must not overtake its old blocks, or
  // their receivers would find these early.
  if (!old.parcels.empty()) caf::anon_send(courier, std::move(old));
  keep_journal_short();  // a crash may have left a long one
  return {};
}

tl::expected<void, Error> Grid::Impl::open_late(PartitionId id, PartitionWiring& wiring) {
  if (auto opened = ensure_open(id); !opened) return opened;
  wiring.fold = partitions[id].fold;
  wiring.store = partitions[id].store;
  return {};
}

void Grid::Impl::spawn_services() {
  storage::Journal* const log = journal.get();
  courier =
      system.spawn<caf::detached>(courier_actor, log, [this](const std::optional<Error>& trouble) {
        for (auto& partition : partitions) partition.progress->set_courier_trouble(trouble);
        if (trouble && !storage::may_pass(trouble->code))
          caf::anon_send(coordinator, halt_atom::value, trouble->text);
      });
  coordinator = system.spawn(run_coordinator, log, topology().market(),
                             RunPolicy{options.correction, options.shape});
  const InspectionSource source{stores(), &calendar};
  inspector = system.spawn<caf::detached>(
      inspector_actor, Inspect([source](const Address& address, std::optional<std::int32_t> day) {
        return inspect_json(source, address, day);
      }));
  DeskWiring wiring;
  wiring.journal = log;
  wiring.topology = topology();
  wiring.sender = desk_sender;
  wiring.clock = options.clock ? options.clock : system_time;
  wiring.maximum = options.maximum;
  wiring.inspector = inspector;
  wiring.partition = [this](PartitionId id) { return partitions[id].actor; };
  desk = system.spawn(request_desk, std::move(wiring));
}

void Grid::Impl::keep_journal_short() {
  const std::uint64_t newest = journal->newest_segment();
  if (newest_segment.exchange(newest) == newest) return;
  for (const PartitionId id : journal->holding_back(options.journal_bytes_max))
    caf::anon_send(partitions[id].actor, flush_atom::value);
}

tl::expected<void, Error> Grid::Impl::stop() {
  if (std::exchange(stopped, true)) return {};
  caf::scoped_actor self(system);
  const auto end = [&](caf::actor& actor) {
    if (!actor) return;
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    self->wait_for(actor);
    actor = nullptr;
  };
  end(desk);
  if (journal) journal->close();
  for (auto& partition : partitions) end(partition.actor);  // first: they know the others
  end(coordinator);
  end(courier);
  end(inspector);
  auto flushed = close_stores();
  for (const auto& partition : partitions)
    if (auto trouble = partition.progress->own_trouble();
        trouble && !storage::may_pass(trouble->code))
      return tl::unexpected(*trouble);
  return flushed;
}

}  // namespace hhgrid::actors
