#include "actors/grid/run_coordinator.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "actors/gsp/run_results.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "core/decimal.hpp"
#include "storage/journal/lone_block.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {
namespace {

using CoordinatorActor = caf::stateful_actor<CoordinatorState>;

/// Appends one entry to the market partition's journal. An error is an answer, not a failure of the
/// coordinator.
template <class Build>
tl::expected<void, storage::Error> append(CoordinatorActor* self, core::Instant now,
                                          Build&& build) {
  storage::EntryScratch scratch;
  storage::BlockBuilder block(now, "run coordinator");
  block.add(scratch.build(build));
  storage::Journal& journal = *self->state.journal;
  return journal.append(self->state.market, storage::finish_lone_block(block, journal))
      .map([](auto) {});
}

RunOutcome refusal(std::string reason) { return {0, "", "refused", std::move(reason), 0}; }

RunOutcome stopped(std::string reason) {
  return {0, "", std::string(run_stopped), std::move(reason), 0};
}

caf::result<RunOutcome> order_run(CoordinatorActor* self, const RunOrder& order) {
  if (!self->state.halted.empty()) return stopped(self->state.halted);
  // Unique over restarts, even when the clock stands still: `orders` goes on from the journal's
  // end.
  const std::uint64_t id =
      static_cast<std::uint64_t>(order.now.milliseconds) << 20 | (++self->state.orders & 0xfffff);
  auto done = append(self, order.now, [&](schema::Entry::Builder entry) {
    auto request = entry.initRunRequest();
    request.setSettlementDay(order.day.value);
    request.setCode(static_cast<std::uint8_t>(order.code));
    request.setCutoff(order.cutoff.milliseconds);
    request.setRequestId(id);
    write_policy(self->state.policy, request);
  });
  if (!done) return refusal(done.error().text);
  auto promise = self->make_response_promise();
  self->state.waiting.emplace(id, promise);
  return caf::delegated<RunOutcome>();
}

caf::result<RunOutcome> release_run(CoordinatorActor* self, std::uint32_t run, core::Instant now) {
  if (!self->state.halted.empty()) return stopped(self->state.halted);
  auto done = append(
      self, now, [&](schema::Entry::Builder entry) { entry.initRunRelease().setRunNumber(run); });
  if (!done) return refusal(done.error().text);
  auto promise = self->make_response_promise();
  self->state.releasing.emplace(run, promise);
  return caf::delegated<RunOutcome>();
}

void on_event(CoordinatorActor* self, const RunEvent& event) {
  const std::string status(to_string(event.status));
  RunInfo info;
  info.number = event.run_number;
  info.day = event.day;
  info.code = event.code;
  spdlog::info("run {} is {}{}{}", info.id(), status, event.reason.empty() ? "" : ": ",
               event.reason);
  if (event.status == RunStatus::REQUESTED || event.status == RunStatus::COLLECTING) return;
  RunOutcome outcome{event.run_number, info.id(), status, event.reason, 0};
  if (auto it = self->state.waiting.find(event.request_id); it != self->state.waiting.end()) {
    it->second.deliver(outcome);
    self->state.waiting.erase(it);
  }
  if (event.status == RunStatus::HELD) return;
  const auto [first, last] = self->state.releasing.equal_range(event.run_number);
  for (auto released = first; released != last; ++released) released->second.deliver(outcome);
  self->state.releasing.erase(first, last);
}

/// No run can end any more: whoever waits for one is told why.
void on_halt(CoordinatorActor* self, const std::string& reason) {
  const RunOutcome outcome = stopped(reason);
  for (auto& [id, promise] : self->state.waiting) promise.deliver(outcome);
  for (auto& [run, promise] : self->state.releasing) promise.deliver(outcome);
  self->state.waiting.clear();
  self->state.releasing.clear();
  self->state.halted = reason;
}

}  // namespace

caf::behavior run_coordinator(CoordinatorActor* self, storage::Journal* journal,
                              storage::PartitionId market, RunPolicy policy) {
  self->state.policy = std::move(policy);
  self->state.journal = journal;
  self->state.market = market;
  self->state.orders = journal->end(market);  // every order so far took a block
  log_exceptions(self, "run coordinator");
  return {
      [self](run_atom, const RunOrder& order) { return order_run(self, order); },
      [self](run_atom, std::uint32_t release, std::int64_t now) {
        return release_run(self, release, core::Instant{now});
      },
      [self](const RunEvent& event) { on_event(self, event); },
      [self](halt_atom, const std::string& reason) { on_halt(self, reason); },
  };
}

}  // namespace hhgrid::actors
