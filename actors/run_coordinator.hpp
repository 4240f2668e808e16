#pragma once

#include <map>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "storage/journal.hpp"

namespace hhgrid::actors {

struct CoordinatorState {
  storage::Journal* journal = nullptr;
  storage::PartitionId market = 0;
  std::uint64_t orders = 0;
  std::map<std::uint64_t, caf::response_promise> waiting;    ///< By request id.
  std::map<std::uint32_t, caf::response_promise> releasing;  ///< By run number.
  static inline const char* name = "run coordinator";
};

/// Takes run orders, puts them into the market partition's journal, and answers with the outcome
/// once the run is published, held or refused. A run goes on without it: after a restart its
/// outcome stands in the run's record.
caf::behavior run_coordinator(caf::stateful_actor<CoordinatorState>* self,
                              storage::Journal* journal, storage::PartitionId market);

}  // namespace hhgrid::actors
