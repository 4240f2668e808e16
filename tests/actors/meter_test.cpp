#include "actors/meter.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hhgrid::actors::test {
namespace {

constexpr std::int32_t first_day = 16'000;
constexpr int days = 12;

/// Registrations over a few days, some of them replaced, some of open end.
MeterState arbitrary_meter() {
  MeterState meter;
  const int count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) {
    const int from = *rc::gen::inRange(0, days);
    const int length = *rc::gen::inRange(0, days);
    meter.registrations.push_back(
        {core::SettlementDay{first_day + from},
         length == 0 ? core::open_ended : core::SettlementDay{first_day + from + length},
         static_cast<TermsId>(*rc::gen::inRange(0, 4)), static_cast<storage::Position>(10 + i)});
  }
  return meter;
}

RC_GTEST_PROP(Registrations, TheGoverningOneOfThoseThatCountHasTheGoverningTerms, ()) {
  const MeterState meter = arbitrary_meter();
  const AsOf as_of(static_cast<storage::Position>(*rc::gen::inRange(9, 20)), {},
                   [](storage::Position) { return core::Instant{}; });
  const auto counting = counting_registrations(meter, as_of);
  for (std::size_t i = 1; i < counting.size(); ++i)
    RC_ASSERT(counting[i - 1].from < counting[i].from);
  for (int day = -1; day <= 2 * days; ++day) {
    const core::SettlementDay settlement_day{first_day + day};
    const auto last = std::find_if(counting.rbegin(), counting.rend(), [&](const auto& version) {
      return version.from <= settlement_day && settlement_day <= version.to;
    });
    const auto* governing = governing_registration(meter, settlement_day, as_of);
    const auto terms = governing_terms(meter, settlement_day, as_of);
    RC_ASSERT((last != counting.rend()) == terms.has_value());
    RC_ASSERT((governing != nullptr) == terms.has_value());
    if (!terms) continue;
    RC_ASSERT(last->terms == *terms);
    RC_ASSERT(governing->position == last->position);
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
