#pragma once

#include <memory>

#include "net/ingest/ingest_session.hpp"
#include "net/simulator/simulation_output.hpp"

namespace hhgrid::net {

/// Feeds a grid. The sink must outlive the output.
std::unique_ptr<SimulationOutput> session_output(IngestSink& sink);

}  // namespace hhgrid::net
