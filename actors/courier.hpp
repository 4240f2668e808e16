#pragma once

#include <deque>
#include <functional>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "storage/journal.hpp"

namespace hhgrid::actors {

struct CourierState {
  storage::Journal* journal = nullptr;
  std::deque<Parcel> parcels;
  bool waiting = false;
  std::function<void(const storage::Error&)> on_stop;
  static inline const char* name = "courier";
};

/// Carries what partitions send each other into the receivers' journals, in order per sender, and
/// tells the sender. A message carried twice has the same batch id, and is stored once. `on_stop`
/// is told why when it cannot go on: the journal is closed, or it has failed.
caf::behavior courier_actor(caf::stateful_actor<CourierState>* self, storage::Journal* journal,
                            std::function<void(const storage::Error&)> on_stop);

}  // namespace hhgrid::actors
