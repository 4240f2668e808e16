#include "actors/host/courier.hpp"

#include <span>

#include <spdlog/spdlog.h>

namespace hhgrid::actors {
namespace {

using CourierActor = caf::stateful_actor<CourierState>;

constexpr auto resend_interval = std::chrono::milliseconds(200);

void carry(CourierActor* self) {
  auto& state = self->state;
  while (!state.waiting_blocks.empty()) {
    // Everything at hand shares one wait for durability.
    std::vector<std::pair<storage::PartitionId, storage::Block>> blocks;
    for (const auto& sent : state.waiting_blocks)
      for (const auto& block : sent.blocks) blocks.emplace_back(block.destination, block.block);
    if (auto done = state.journal->append_all(blocks); !done) {
      if (done.error().code == storage::Errc::closed) return state.on_trouble(done.error());
      if (!std::exchange(state.waiting, true))
        spdlog::error("the courier waits: {}", done.error().text);
      state.on_trouble(done.error());
      self->delayed_send(self, resend_interval, retry_atom::value);
      return;
    }
    if (std::exchange(state.waiting, false)) {
      spdlog::info("the courier goes on");
      state.on_trouble(std::nullopt);
    }
    for (const auto& sent : state.waiting_blocks)
      for (const auto& block : sent.blocks)
        self->send(sent.sender_actor, delivered_atom::value, block.destination, block.n);
    state.waiting_blocks.clear();
  }
}

void take(CourierActor* self, std::span<SentBlocks> all) {
  for (auto& sent : all) self->state.waiting_blocks.push_back(std::move(sent));
  if (!self->state.waiting) carry(self);
}

}  // namespace

caf::behavior courier_actor(CourierActor* self, storage::Journal* journal,
                            OnCourierTrouble on_trouble) {
  self->state.journal = journal;
  self->state.on_trouble = std::move(on_trouble);
  self->set_exception_handler([self](std::exception_ptr& thrown) {
    const std::string text = "the courier has stopped: " + describe_exception(thrown);
    spdlog::critical(text);
    self->state.on_trouble(storage::Error{storage::Errc::closed, text});
    return caf::make_error(caf::exit_reason::unhandled_exception);
  });
  return {
      [self](SentBlocks& sent) {
        take(self, {&sent, 1});
      },
      [self](UndeliveredBlocks& old) { take(self, old.senders); },
      [self](retry_atom) { carry(self); },
  };
}

}  // namespace hhgrid::actors
