#include "actors/meter/meter.hpp"

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hhgrid::actors::test {
namespace {

constexpr std::int32_t first_day = 16'000;
constexpr int days = 12, versions_max = 8;
constexpr storage::BlockNumber first_block = 10;

/// By none of `count`, or by one that comes after number `i` (from 0), counted from 1.
std::uint32_t contradicted_by(int i, int count) {
  if (i + 1 == count || *rc::gen::inRange(0, 4) != 0) return 0;
  return static_cast<std::uint32_t>(*rc::gen::inRange(i + 2, count + 1));
}

/// Registrations over a few days, some of them replaced or contradicted, some of open end.
MeterState arbitrary_meter() {
  MeterState meter;
  const int count = *rc::gen::inRange(0, versions_max + 1);
  for (int i = 0; i < count; ++i) {
    const int from = *rc::gen::inRange(0, days);
    const int length = *rc::gen::inRange(0, days);
    meter.registrations.push_back(
        {core::SettlementDay{first_day + from},
         length == 0 ? core::open_ended : core::SettlementDay{first_day + from + length},
         static_cast<TermsId>(*rc::gen::inRange(0, 4)), contradicted_by(i, count),
         storage::Position(first_block + static_cast<storage::BlockNumber>(i), 3)});
  }
  return meter;
}

/// When each of the blocks was received: in any order, as when a history is replayed.
ReceivedTimes arbitrary_times() {
  ReceivedTimes times;
  for (int i = 0; i < versions_max; ++i)
    times.emplace_back(storage::Position(first_block + static_cast<storage::BlockNumber>(i), 0),
                       core::Instant{*rc::gen::inRange(0, 10)});
  return times;
}

RC_GTEST_PROP(Registrations, OfThoseReceivedByThenTheLatestToBeginGovernsADay, ()) {
  const MeterState meter = arbitrary_meter();
  const ReceivedTimes received = arbitrary_times();
  const storage::Position last(
      first_block - 1 + static_cast<storage::BlockNumber>(*rc::gen::inRange(0, versions_max + 1)),
      9);
  const core::Instant cutoff{*rc::gen::inRange(-1, 10)};

  const auto holds = [&](std::size_t i) {
    return meter.registrations[i].position <= last && received[i].second <= cutoff;
  };
  std::map<core::SettlementDay, RegistrationVersion> live;  // the last received of each first day
  for (std::size_t i = 0; i < meter.registrations.size(); ++i)
    if (const auto& version = meter.registrations[i];
        holds(i) && !(version.contradicted_by != 0 && holds(version.contradicted_by - 1)))
      live.insert_or_assign(version.from, version);

  const AsOf one_by_one(last, cutoff, [&](storage::Position position) {
    return received[position.block() - first_block].second;
  });
  for (const AsOf& as_of : {one_by_one, AsOf(last, cutoff, received)}) {
    const auto counting = counting_registrations(meter, as_of);
    RC_ASSERT(counting.size() == live.size());
    for (auto next = counting.begin(); const auto& [from, version] : live)
      RC_ASSERT(next++->position == version.position);
    const auto spans = terms_spans(meter, as_of);
    for (std::size_t i = 1; i < spans.size(); ++i) {
      RC_ASSERT(spans[i - 1].to < spans[i].from);
      RC_ASSERT(spans[i - 1].to + 1 < spans[i].from || spans[i - 1].terms != spans[i].terms);
    }
    for (int day = -1; day <= 2 * days; ++day) {
      const core::SettlementDay settlement_day{first_day + day};
      std::optional<TermsId> of_span;
      for (const auto& span : spans)
        if (span.from <= settlement_day && settlement_day <= span.to) of_span = span.terms;
      const RegistrationVersion* expected = nullptr;
      for (const auto& [from, version] : live)
        if (from <= settlement_day && settlement_day <= version.to) expected = &version;
      const auto* governing = governing_registration(meter, settlement_day, as_of);
      const auto terms = governing_terms(meter, settlement_day, as_of);
      RC_ASSERT((governing != nullptr) == (expected != nullptr));
      RC_ASSERT(terms.has_value() == (expected != nullptr));
      RC_ASSERT(terms == of_span);
      if (expected == nullptr) continue;
      RC_ASSERT(governing->position == expected->position);
      RC_ASSERT(*terms == expected->terms);
    }
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
