#include "app/session_options.hpp"

#include "app/context.hpp"

namespace hhgrid::app {
namespace {

core::Instant whole_second() {
  const auto time = now().milliseconds;
  return {time - time % 1000};
}

}  // namespace

core::MaximumEnergy maximum_energy(const config::Settings& settings) {
  const auto& limits = settings.consumption_limits;
  const auto wh = [](std::uint64_t value) { return static_cast<core::WattHours>(value); };
  return {{wh(limits.whole_current_wh), wh(limits.low_voltage_wh), wh(limits.high_voltage_wh),
           wh(limits.extra_high_voltage_wh), wh(limits.unmetered_wh)}};
}

net::SessionOptions session_options(const config::Settings& settings) {
  net::SessionOptions options;
  options.block_entries_max = settings.actors.batch_entries_max;
  options.clock = whole_second;
  options.maximum = maximum_energy(settings);
  return options;
}

}  // namespace hhgrid::app
