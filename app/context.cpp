#include "app/context.hpp"

#include <chrono>

#include <fmt/format.h>

#include "core/decimal.hpp"

namespace hhgrid::app {

core::Instant now() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string Context::hint(std::string_view command) const {
  return fmt::format("{} {} {} {}", program(), command, connect.empty() ? "--data" : "--connect",
                     for_shell(place()));
}

Result<void> refuse_future(std::string_view option, std::optional<core::Instant> moment) {
  const auto time = now();
  if (!moment || *moment <= time) return {};
  return fail(ExitCode::usage,
              fmt::format("{} {} lies in the future; it is {}. Leave the option out for the "
                          "present time. Nothing was done.",
                          option, core::format_instant(*moment), core::format_instant(time)));
}

}  // namespace hhgrid::app
