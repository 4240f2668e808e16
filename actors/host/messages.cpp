#include "actors/host/messages.hpp"

#include <thread>

#include <kj/exception.h>
#include <spdlog/spdlog.h>

namespace hhgrid::actors {

std::string describe_exception(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const kj::Exception& e) {
    return e.getDescription().cStr();
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of no known type";
  }
}

void log_exceptions(caf::scheduled_actor* self, const char* name) {
  self->set_exception_handler([name](std::exception_ptr& thrown) {
    spdlog::critical("{} has stopped: {}", name, describe_exception(thrown));
    return caf::make_error(caf::exit_reason::unhandled_exception);
  });
}

SystemConfig::SystemConfig(std::size_t workers) {
  add_message_types<caf::id_block::hhgrid>();
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  set("scheduler.max-threads", workers == 0 ? cores : workers);
  // A partition with a long queue must let the others have their turn.
  set("scheduler.max-throughput", std::size_t{4});
}

}  // namespace hhgrid::actors
