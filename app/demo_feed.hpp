#pragma once

#include <memory>

#include "core/types.hpp"
#include "net/ingest/feed.hpp"
#include "net/simulator/simulation_output.hpp"

namespace hhgrid::app {

/// The clock of a replayed history: the feed stamps what it sends with the time set here.
struct ReplayClock {
  core::Instant time;
};

/// Feeds a grid as if every day's readings came on the morning after; everything else came before
/// the first of them. What is delivered late comes at the time that the clock shows.
std::unique_ptr<net::SimulationOutput> daily_output(net::Feed& feed, ReplayClock& clock);

/// 10:00 on a UTC day.
core::Instant morning_of(core::UtcDay day);

}  // namespace hhgrid::app
