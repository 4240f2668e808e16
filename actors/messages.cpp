#include "actors/messages.hpp"

#include <thread>

namespace hhgrid::actors {

SystemConfig::SystemConfig(std::size_t workers) {
  add_message_types<caf::id_block::hhgrid>();
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  set("scheduler.max-threads", workers == 0 ? cores : workers);
  // A partition with a long queue must let the others have their turn.
  set("scheduler.max-throughput", std::size_t{4});
}

}  // namespace hhgrid::actors
