#include "app/context.hpp"

#include <chrono>

namespace hhgrid::app {

core::Instant now() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace hhgrid::app
