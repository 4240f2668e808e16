#pragma once

#include <deque>
#include <functional>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/host/messages.hpp"
#include "storage/journal/journal.hpp"

namespace hhgrid::actors {

/// Told why the courier waits (the disk is full) or has stopped for good (the journal is closed, or
/// the courier has failed), and with nothing when it goes on.
using OnCourierTrouble = std::function<void(std::optional<storage::Error>)>;

struct CourierState {
  storage::Journal* journal = nullptr;
  std::deque<SentBlocks> waiting_blocks;
  bool waiting = false;
  OnCourierTrouble on_trouble;
  static inline const char* name = "courier";
};

/// Carries what partitions send each other into the receivers' journals, in order per sender, and
/// tells the sender. The sender has closed the blocks and given them their n, so a block carried
/// twice is taken once.
caf::behavior courier_actor(caf::stateful_actor<CourierState>* self, storage::Journal* journal,
                            OnCourierTrouble on_trouble);

}  // namespace hhgrid::actors
