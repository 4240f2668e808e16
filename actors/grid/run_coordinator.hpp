#pragma once

#include <map>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/gsp/run_results.hpp"
#include "actors/host/messages.hpp"
#include "storage/journal/journal.hpp"

namespace hhgrid::actors {

struct CoordinatorState {
  storage::Journal* journal = nullptr;
  storage::PartitionId market = 0;
  RunPolicy policy;
  std::uint64_t orders = 0;
  std::string halted;  ///< Why no run can end: a partition has stopped. Empty when none has.
  std::map<std::uint64_t, caf::response_promise> waiting;         ///< By request id.
  std::multimap<std::uint32_t, caf::response_promise> releasing;  ///< By run number.
  static inline const char* name = "run coordinator";
};

/// Takes run orders, puts them into the market partition's journal with the policy that is in
/// force, and answers with the outcome once the run is published, held or refused, or when it is
/// told that a partition has stopped, so that no run can end. A run goes on without it: after a
/// restart its outcome stands in the run's record.
caf::behavior run_coordinator(caf::stateful_actor<CoordinatorState>* self,
                              storage::Journal* journal, storage::PartitionId market,
                              RunPolicy policy);

}  // namespace hhgrid::actors
