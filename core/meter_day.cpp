#include "core/meter_day.hpp"

namespace hhgrid::core {
namespace {

bool same_reasons(const MeterDay& a, const MeterDay& b, std::size_t i) {
  const bool in_a = (a.reasoned >> i & 1) != 0, in_b = (b.reasoned >> i & 1) != 0;
  if (!in_a && !in_b) return true;
  return (in_a ? a.estimation_reason[i] : 0) == (in_b ? b.estimation_reason[i] : 0) &&
         (in_a ? a.amendment_reason[i] : 0) == (in_b ? b.amendment_reason[i] : 0);
}

}  // namespace

std::uint64_t differing_periods(const MeterDay& a, const MeterDay& b, std::uint64_t periods) {
  std::uint64_t differing = 0;
  each_period(periods, [&](std::size_t i) {
    if (a.energy_wh[i] != b.energy_wh[i] || a.quality[i] != b.quality[i] || !same_reasons(a, b, i))
      differing |= std::uint64_t{1} << i;
  });
  return differing;
}

void overlay(MeterDay& under, const MeterDay& day, std::uint64_t periods) {
  if (periods == all_periods_mask) {
    under = day;
    return;
  }
  under.reasoned = (under.reasoned & ~periods) | (day.reasoned & periods);
  under.present |= periods;
  each_period(periods, [&](std::size_t i) {
    under.energy_wh[i] = day.energy_wh[i];
    under.quality[i] = day.quality[i];
    under.estimation_reason[i] = day.estimation_reason[i];
    under.amendment_reason[i] = day.amendment_reason[i];
  });
}

}  // namespace hhgrid::core
