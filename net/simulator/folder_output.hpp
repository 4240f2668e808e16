#pragma once

#include <filesystem>
#include <memory>

#include "net/simulator/simulation_output.hpp"

namespace hhgrid::net {

/// Writes a folder of the CSV contract; late deliveries into its sub-folder `late`. The folder is
/// made; files are replaced.
std::unique_ptr<SimulationOutput> folder_output(std::filesystem::path folder);

}  // namespace hhgrid::net
