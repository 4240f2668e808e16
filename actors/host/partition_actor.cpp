#include "actors/host/partition_actor.hpp"

#include <spdlog/spdlog.h>

#include "actors/host/messages.hpp"

namespace hhgrid::actors {
namespace {

using PartitionActor = caf::stateful_actor<PartitionState>;

constexpr auto retry_interval = std::chrono::milliseconds(200);

void hand_over_outbox(PartitionActor* self) {
  auto& wiring = self->state.wiring;
  auto blocks = wiring.fold->take_outbox();
  if (blocks.empty()) return;
  wiring.progress->sent(blocks.size());
  self->send(wiring.courier,
             SentBlocks{wiring.fold->id(), caf::actor_cast<caf::actor>(self), std::move(blocks)});
}

void applied(PartitionActor* self, const storage::JournalBlock& block) {
  auto& wiring = self->state.wiring;
  if (auto replies = wiring.fold->take_replies()) self->send(wiring.desk, std::move(*replies));
  hand_over_outbox(self);  // first: who waits for the position must see what is on the way
  wiring.progress->applied(wiring.fold->block(), bytes_of(block));
}

void halt(PartitionActor* self, const storage::Error& error) {
  auto& state = self->state;
  state.halted = true;
  state.wiring.progress->set_trouble(error.text, error.code);
  spdlog::critical("partition {} has stopped: {}", state.wiring.id, error.text);
  state.wiring.on_halt(error);
}

/// Whether the partition's state is there; opens it when it is first needed. On a full disk that is
/// tried again, everything else stops the partition.
bool ready(PartitionActor* self) {
  auto& state = self->state;
  if (state.wiring.fold) return true;
  if (state.halted || state.retrying) return false;
  auto opened = state.wiring.open(state.wiring);
  if (opened) return true;
  if (opened.error().code != storage::Errc::no_space) {
    halt(self, opened.error());
    return false;
  }
  state.wiring.progress->set_trouble(opened.error().text, opened.error().code);
  state.retrying = true;
  self->delayed_send(self, retry_interval, retry_atom::value);
  return false;
}

/// A commit that the disk did not take is tried again; everything else stops the partition for
/// good: gaps, damage, a store that cannot be read.
void stop_or_wait(PartitionActor* self, const storage::Error& error) {
  auto& state = self->state;
  if (!state.wiring.fold->awaits_commit() || !storage::may_pass(error.code))
    return halt(self, error);
  state.wiring.progress->set_trouble(error.text, error.code);
  state.resume = error.code != storage::Errc::no_space;  // from that RocksDB recovers by itself
  if (!std::exchange(state.retrying, true))
    spdlog::error("partition {} waits: {}", state.wiring.fold->id(), error.text);
  self->delayed_send(self, retry_interval, retry_atom::value);
}

void apply_waiting(PartitionActor* self) {
  auto& state = self->state;
  while (!state.waiting.empty()) {
    if (auto done = state.wiring.fold->apply(state.waiting.front()); !done)
      return stop_or_wait(self, done.error());
    applied(self, state.waiting.front());
    state.waiting.pop_front();
  }
}

void take(PartitionActor* self, storage::JournalBlock block) {
  auto& state = self->state;
  if (state.halted) return;
  state.waiting.push_back(std::move(block));
  if (ready(self) && !state.retrying) apply_waiting(self);
}

void retry(PartitionActor* self) {
  auto& state = self->state;
  if (state.halted) return;
  if (!state.wiring.fold) {
    state.retrying = false;
    if (!ready(self)) return;
    state.wiring.progress->clear_trouble();
    return apply_waiting(self);
  }
  if (std::exchange(state.resume, false))
    if (auto done = state.wiring.store->resume(); !done) return stop_or_wait(self, done.error());
  if (auto done = state.wiring.fold->retry_commit(); !done) return stop_or_wait(self, done.error());
  state.retrying = false;
  state.wiring.progress->clear_trouble();
  spdlog::info("partition {} goes on at block {}", state.wiring.fold->id(),
               state.wiring.fold->block());
  applied(self, state.waiting.front());  // the block whose commit was refused
  state.waiting.pop_front();
  apply_waiting(self);
}

/// What may pass is met again by the next commit, which waits for it.
void flush_failed(PartitionActor* self, const storage::Error& error) {
  if (self->state.halted) return;
  if (!storage::may_pass(error.code)) return halt(self, error);
  spdlog::error("partition {}: {}", self->state.wiring.fold->id(), error.text);
}

PartitionStatus status_of(PartitionActor* self) {
  PartitionStatus status;
  const auto& wiring = self->state.wiring;
  status.id = wiring.id;
  if (const bool is_open = ready(self); !is_open && !wiring.fold) {
    if (const auto trouble = wiring.progress->trouble()) status.trouble = trouble->text;
    return status;
  }
  status.applied = wiring.fold->block();
  status.durable = wiring.store->durable_block();
  status.dead_letters = wiring.fold->dead_letter_count();
  status.repeated_blocks = wiring.fold->dropped().repeated;
  status.early_blocks = wiring.fold->dropped().early;
  status.store_memory_bytes = wiring.store->memory_bytes();
  status.disk_bytes = wiring.store->disk_bytes();
  status.outbox = wiring.progress->on_the_way();
  if (const auto trouble = wiring.progress->trouble()) status.trouble = trouble->text;
  wiring.describe(status);
  return status;
}

}  // namespace

caf::behavior partition_actor(PartitionActor* self, PartitionWiring wiring) {
  self->state.wiring = std::move(wiring);
  self->set_exception_handler([self](std::exception_ptr& thrown) {
    halt(self, {storage::Errc::damaged, describe_exception(thrown)});
    return caf::make_error(caf::exit_reason::unhandled_exception);
  });
  return {
      [self](const Delivery& delivery) { take(self, delivery.block); },
      [self](delivered_atom, storage::PartitionId destination, std::uint64_t n) {
        self->state.wiring.fold->delivered(destination, n);
        self->state.wiring.progress->delivered(1);
      },
      [self](retry_atom) { retry(self); },
      [self](status_atom) { return status_of(self); },
      [self](flush_atom) {
        if (!self->state.wiring.store) return;  // all of it is durable
        if (auto done = self->state.wiring.store->flush(false); !done)
          flush_failed(self, done.error());
      },
  };
}

}  // namespace hhgrid::actors
