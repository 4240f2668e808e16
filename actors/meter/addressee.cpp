#include "actors/meter/addressee.hpp"

#include <fmt/format.h>

namespace hhgrid::actors {

std::optional<core::Mpan> meter_of(const schema::Entry::Reader& entry) {
  std::optional<std::uint64_t> digits;
  if (entry.isConsumption()) digits = entry.getConsumption().getMpan();
  if (entry.isRegistration()) digits = entry.getRegistration().getMpan();
  if (entry.isAnnualConsumption()) digits = entry.getAnnualConsumption().getMpan();
  if (!digits) return std::nullopt;
  const auto mpan = core::Mpan::parse(fmt::format("{:013}", *digits));
  if (!mpan) return std::nullopt;
  return *mpan;
}

}  // namespace hhgrid::actors
