#include "actors/meter/addressee.hpp"

#include <fmt/format.h>

namespace hhgrid::actors {

std::optional<core::Mpan> meter_of(const schema::Entry::Reader& entry) {
  std::optional<std::uint64_t> mpan;
  if (entry.isConsumption()) mpan = entry.getConsumption().getMpan();
  if (entry.isRegistration()) mpan = entry.getRegistration().getMpan();
  if (entry.isAnnualConsumption()) mpan = entry.getAnnualConsumption().getMpan();
  if (!mpan) return std::nullopt;
  const auto parsed = core::Mpan::parse(fmt::format("{:013}", *mpan));
  if (!parsed) return std::nullopt;
  return *parsed;
}

}  // namespace hhgrid::actors
