#pragma once

#include <functional>
#include <string>

#include <kj/async-io.h>
#include <kj/timer.h>

#include "net/node/timetable.hpp"
#include "net/rpc/workers.hpp"
#include "net/service/grid_service.hpp"

namespace hhgrid::net {

/// Reads what the timetable is made from: of run dates and runs what may be due. Errors: the
/// stores'.
tl::expected<TimetableFacts, storage::Error> timetable_facts(const actors::Grid& grid,
                                                             const TimetableOptions& options,
                                                             core::Instant now);

/// The clocks by which a node goes.
struct NodeClocks {
  std::function<core::Instant()> wall;
  /// Milliseconds that only ever run, also while the machine sleeps: a wall clock that runs away
  /// from it has been set.
  std::function<std::int64_t()> steady_ms;
};

/// Closes days and starts runs when they are due, one after the other, and says in the log what it
/// does. What has failed is tried again; a run that was refused is not started again.
class Timekeeper {
 public:
  /// All must outlive it.
  Timekeeper(TimetableOptions options, const actors::Grid& grid, GridService& service,
             NodeClocks clocks);

  /// Goes on for as long as the promise is kept.
  kj::Promise<void> keep_time(kj::Timer& timer, Workers& workers);
  /// Does what is due now; waits for it.
  void work();

 private:
  bool clock_was_set();
  bool start(const TimetableFacts::Run& run);
  void say(const std::string& text);

  TimetableOptions options_;
  const actors::Grid& grid_;
  GridService& service_;
  NodeClocks clocks_;
  std::int64_t wall_ahead_ms_;  // of the steady clock, when it was made
  std::string said_;            // the last trouble logged: it is not repeated
};

}  // namespace hhgrid::net
