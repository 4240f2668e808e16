#include "actors/meter/expected_meters.hpp"

#include <utility>

namespace hhgrid::actors {

void ExpectedMeters::expect(core::Mpan mpan, const MeterPartition& partition) {
  partition.meters.prefetch_place(mpan);
  Expected& next = expected_[next_];
  next.meter = partition.meters.prefetch_state(std::exchange(next.mpan, mpan));
  if (const auto terms = terms_before(3)) {
    partition.terms.prefetch(*terms);
    partition.ledger.prefetch_row(*terms);
  }
  if (const auto terms = terms_before(6)) partition.ledger.prefetch_sums(*terms);
  next_ = (next_ + 1) % count;
}

std::optional<TermsId> ExpectedMeters::terms_before(std::size_t n) const {
  const auto* meter = expected_[(next_ + count - n) % count].meter;
  if (meter == nullptr || meter->state.registrations.empty()) return std::nullopt;
  return meter->state.registrations.back().terms;
}

void ExpectedMeters::committed() {
  for (auto& expected : expected_) expected.meter = nullptr;
}

}  // namespace hhgrid::actors
