#include "actors/meter/addressee.hpp"

#include <fmt/format.h>

namespace hhgrid::actors {

std::optional<std::uint64_t> meter_digits(const schema::Entry::Reader& entry) {
  switch (entry.which()) {
    case schema::Entry::CONSUMPTION:
      return entry.getConsumption().getMpan();
    case schema::Entry::REGISTRATION:
      return entry.getRegistration().getMpan();
    case schema::Entry::ANNUAL_CONSUMPTION:
      return entry.getAnnualConsumption().getMpan();
    case schema::Entry::METER_REGISTER:
      return entry.getMeterRegister().getMpan();
    default:
      return std::nullopt;
  }
}

std::optional<core::Mpan> meter_of(const schema::Entry::Reader& entry) {
  const auto digits = meter_digits(entry);
  if (!digits) return std::nullopt;
  const auto mpan = core::Mpan::parse(fmt::format("{:013}", *digits));
  if (!mpan) return std::nullopt;
  return *mpan;
}

}  // namespace hhgrid::actors
