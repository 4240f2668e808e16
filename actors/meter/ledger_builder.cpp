#include "actors/meter/ledger_builder.hpp"

#include <cstring>

namespace hhgrid::actors {

using core::MeasurementQuantity;
using storage::Error;

std::optional<core::QualityClass> uniform_class(const MeterDay& day) {
  const auto first = core::quality_class(day.quality[0]);
  if (std::memcmp(day.quality.data(), day.quality.data() + 1, day.quality.size() - 1) == 0)
    return first;
  for (const auto quality : day.quality)
    if (core::quality_class(quality) != first) return std::nullopt;
  return first;
}

void account_span(const MeterDay& day, std::uint64_t periods,
                  std::optional<core::QualityClass> uniform, const core::UtcDaySpan& span,
                  LedgerRow& row, int sign) {
  if (uniform) {
    const PeriodRange range{span.first_utc_period, span.first_settlement_period, span.count};
    add_values(row.of(*uniform), day.energy_wh.data(), range, sign);
    return;
  }
  for (int i = 0; i < span.count; ++i) {
    const auto utc = static_cast<std::size_t>(span.first_utc_period - 1 + i);
    if ((periods >> utc & 1) == 0) continue;
    add_value(row.of(core::quality_class(day.quality[utc])), day.energy_wh[utc],
              span.first_settlement_period + i, sign);
  }
}

void LedgerBuilder::add(const VersionKey& key, const MeterDay& values, const MeterState& meter,
                        const AsOf& as_of) {
  if (spans_.empty() || day_ != key.day) {
    close();
    day_ = key.day;
    for (const auto& span : calendar_.spans_of(day_))
      spans_.push_back({span, &ledger_[span.day], {}});
  }
  const auto first = governing_terms(meter, spans_.front().at.day, as_of);
  const auto last =
      spans_.size() == 1 ? first : governing_terms(meter, spans_.back().at.day, as_of);
  const auto uniform = values.present == all_periods_mask ? uniform_class(values) : std::nullopt;
  if (uniform && first && first == last) {
    WholeDay& whole = whole_day(*first, key.quantity, *uniform);
    for (std::size_t i = 0; i < values.energy_wh.size(); ++i)
      whole.energy_wh[i] += values.energy_wh[i];
    ++whole.count;
    return;
  }
  if (first)
    account_span(values, values.present, uniform, spans_.front().at,
                 row(spans_.front(), *first, key.quantity), 1);
  if (last && spans_.size() > 1)
    account_span(values, values.present, uniform, spans_.back().at,
                 row(spans_.back(), *last, key.quantity), 1);
}

void LedgerBuilder::close() {
  for (const auto slot : used_) {
    const auto whole = std::move(whole_days_[slot]);
    const auto key = slot / core::quality_class_count;
    for (auto& span : spans_) {
      ClassSums& sums = row(span, static_cast<TermsId>(key / quantities),
                            static_cast<MeasurementQuantity>(key % quantities))
                            .of(static_cast<core::QualityClass>(slot % core::quality_class_count));
      for (int i = 0; i < span.at.count; ++i) {
        const auto sp = static_cast<std::size_t>(span.at.first_settlement_period - 1 + i);
        sums.energy_wh[sp] +=
            whole->energy_wh[static_cast<std::size_t>(span.at.first_utc_period - 1 + i)];
        sums.count[sp] += whole->count;
      }
    }
  }
  used_.clear();
  spans_.clear();
}

LedgerBuilder::WholeDay& LedgerBuilder::whole_day(TermsId terms, MeasurementQuantity quantity,
                                                  core::QualityClass c) {
  const std::size_t slot = (std::size_t{terms} * quantities + static_cast<std::size_t>(quantity)) *
                               core::quality_class_count +
                           static_cast<std::size_t>(c);
  if (slot >= whole_days_.size()) whole_days_.resize(slot + 64);
  auto& whole = whole_days_[slot];
  if (!whole) {
    whole = std::make_unique<WholeDay>();
    used_.push_back(slot);
  }
  return *whole;
}

LedgerRow& LedgerBuilder::row(Span& span, TermsId terms, MeasurementQuantity quantity) {
  const std::size_t slot = std::size_t{terms} * quantities + static_cast<std::size_t>(quantity);
  if (slot >= span.by_key.size()) span.by_key.resize(slot + 64, nullptr);
  LedgerRow*& row = span.by_key[slot];
  if (row == nullptr) row = &span.rows->row(terms, quantity);  // rows stay where they are
  return *row;
}

tl::expected<void, Error> recompute(const storage::Store::View& view,
                                    const std::vector<core::UtcDay>& days, const MeterLookup& meter,
                                    const JudgementAsOf& judgement, Recomputed& out) {
  const std::string where = view.path().string();
  LedgerBuilder builder(judgement.calendar(), out.ledger);
  const auto visit = [&](const VersionKey& key, const MeterDay& values) {
    if (const MeterState* state = meter(key.mpan))
      builder.add(key, values, *state, judgement.as_of());
    if (out.present) (*out.present)[{key.day, key.quantity}][key.mpan] = values.present;
  };
  for (const auto day : days) {
    const auto meter_days = scan_counting_days(view, where, day, day, judgement, visit);
    if (!meter_days) return tl::unexpected(meter_days.error());
    out.meter_days += *meter_days;
  }
  builder.close();
  return {};
}

}  // namespace hhgrid::actors
