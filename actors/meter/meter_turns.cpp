#include <algorithm>
#include <bit>
#include <set>

#include <fmt/format.h>

#include "actors/meter/meter_fold.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

using core::MeasurementQuantity;
using core::SettlementDay;

namespace {

/// The reasons of a period (index from 0), none as 0: estimation's, amendment's.
std::pair<int, char> reasons(const storage::ConsumptionDay& version, std::size_t i) {
  if (!version.detail) return {};
  return {version.detail->estimation_reasons[i], version.detail->amendment_reasons[i]};
}
std::pair<int, char> reasons(const MeterDay& day, std::size_t i) {
  if ((day.reasoned >> i & 1) == 0) return {};
  return {day.estimation_reason[i], day.amendment_reason[i]};
}

/// True when every period the version carries has that value, quality and reasons already.
bool says_nothing_new(const storage::ConsumptionDay& version, const MeterDay& counting) {
  if ((version.present & ~counting.present) != 0) return false;
  for (std::uint64_t rest = version.present; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(rest));
    if (version.energy_wh[i] != counting.energy_wh[i]) return false;
    if (version.quality_of(static_cast<int>(i) + 1) != counting.quality[i]) return false;
    if (reasons(version, i) != reasons(counting, i)) return false;
  }
  return true;
}

}  // namespace

/// A version of a meter-day (IF-021). First everything that can fail: reading, activation, what
/// counted before; then the effects, which cannot.
void MeterFold::consumption_turn(const schema::Entry::Reader& entry,
                                 kj::ArrayPtr<const capnp::word> bytes,
                                 const TurnContext& context) {
  const auto version = storage::decode_consumption(entry);
  if (!version) throw TurnFailure(version.error().text);
  if (options_.before_turn) options_.before_turn(version->mpan);
  if (!core::SettlementCalendar::covers(version->day.value))
    throw TurnFailure(
        fmt::format("UTC day number {} is outside the settlement calendar", version->day.value));
  const std::uint64_t mpan = version->mpan.number();
  const MeterState& meter = activate(mpan).state;
  const Presence::Key key{version->day, version->quantity};
  const std::uint64_t known = presence_.mask(key, meter.number);
  MeterDay before;
  if ((known & version->present) != 0) {
    before = counting_day_in_block(version->day, mpan, version->quantity);
    if (is_repeat(*version, before, context)) {
      ++counts_.unchanged;
      leaves_nothing();
      return;
    }
  }
  for (const auto& span : spans_of(version->day)) ledger_day(span.day);

  MeterDay after;
  overlay(after, *version);
  account_day(meter, version->day, version->quantity, before, before.present & version->present,
              -1);
  account_day(meter, version->day, version->quantity, after, version->present, 1);
  presence_.add(key, meter.number, version->present, context.received_at);
  pending_.push_back({{version->day, mpan, version->quantity, context.position}, bytes});
  ++counts_.accepted;
  counts_.unregistered += is_settled(version->quantity) && meter.registrations.empty();
}

/// True when no run could see a difference, whatever its cut-off. `counting`: what counts now.
bool MeterFold::is_repeat(const storage::ConsumptionDay& version, const MeterDay& counting,
                          const TurnContext& context) {
  if (!says_nothing_new(version, counting)) return false;
  const core::Instant received = context.received_at;
  if (presence_.newest({version.day, version.quantity}) <= received) return true;
  // Others were received later, so a cut-off may lie between: at each of them it must say nothing.
  const std::uint64_t mpan = version.mpan.number();
  std::set<core::Instant> cutoffs{received};
  const auto note = [&](storage::Position position) {
    if (const auto at = received_at(position); at > received) cutoffs.insert(at);
  };
  const std::string where = store().path().string();
  std::optional<storage::Error> failure;
  const auto scanned = store().scan_prefix(storage::Family::consumption,
                                           version_prefix(version.day, mpan, version.quantity),
                                           [&](std::string_view bytes, std::string_view) {
                                             const auto key = read_version_key(bytes, where);
                                             if (!key) return failure = key.error(), false;
                                             return note(key->position), true;
                                           });
  if (!scanned) throw_read_error(scanned.error());
  if (failure) throw_read_error(*failure);
  for (const auto i : pending_of(version.day, mpan, version.quantity))
    note(pending_[i].key.position);
  return std::all_of(cutoffs.begin(), cutoffs.end(), [&](core::Instant cutoff) {
    const AsOf as_of(context.position, cutoff,
                     [this](storage::Position position) { return received_at(position); });
    return says_nothing_new(version,
                            counting_day_in_block(version.day, mpan, version.quantity, as_of));
  });
}

void MeterFold::account_day(const MeterState& meter, core::UtcDay day, MeasurementQuantity quantity,
                            const MeterDay& values, std::uint64_t periods, int sign) {
  if (periods == 0) return;
  account(
      values, periods, spans_of(day), [&](SettlementDay d) { return governing_terms(meter, d); },
      [&](SettlementDay d, TermsId terms) {
        LedgerRow& row = ledger_day(d).row(terms, quantity);
        ledger_.touch(d, LedgerDay::key(terms, quantity), row);
        if (unsent_days_.insert(d).second) {
          new_unsent_days_.insert(d);
          sent_days_.erase(d);
        }
        return &row;
      },
      sign);
}

/// Which of the pending versions are of the meter-day, in order.
const std::vector<std::uint32_t>& MeterFold::pending_of(core::UtcDay day, std::uint64_t mpan,
                                                        MeasurementQuantity quantity) {
  const auto of = [](std::uint64_t meter, core::UtcDay d, MeasurementQuantity q) {
    return std::pair(meter,
                     static_cast<std::uint64_t>(d.value) << 8 | static_cast<std::uint64_t>(q));
  };
  for (; pending_indexed_ < pending_.size(); ++pending_indexed_) {
    const auto& key = pending_[pending_indexed_].key;
    pending_index_[of(key.mpan, key.day, key.quantity)].push_back(
        static_cast<std::uint32_t>(pending_indexed_));
  }
  static const std::vector<std::uint32_t> none;
  const auto in_block = pending_index_.find(of(mpan, day, quantity));
  return in_block == pending_index_.end() ? none : in_block->second;
}

/// What counts: of the stored versions, then of those that this block has brought so far.
MeterDay MeterFold::counting_day_in_block(core::UtcDay day, std::uint64_t mpan,
                                          MeasurementQuantity quantity, const AsOf& as_of) {
  auto counting = counting_day(store(), store().path().string(), day, mpan, quantity, as_of);
  if (!counting) throw_read_error(counting.error());
  for (const auto i : pending_of(day, mpan, quantity)) {
    if (!as_of.holds(pending_[i].key.position)) continue;
    storage::EntryView view(pending_[i].bytes);
    const auto entry = view.entry();
    if (!entry) throw TurnFailure(entry.error().text);
    const auto version = storage::decode_consumption(*entry);
    if (!version) throw TurnFailure(version.error().text);
    overlay(*counting, *version);
  }
  return *counting;
}

/// True when at every cut-off from `received` on the last of the versions that stand for the same
/// is the `same` already: then another one changes no run.
template <class Versions, class StandsFor, class Same>
bool MeterFold::holds_from(const Versions& versions, core::Instant received, StandsFor&& stands_for,
                           Same&& same) const {
  std::set<core::Instant> cutoffs{received};
  for (const auto& version : versions) {
    if (!stands_for(version)) continue;
    if (const auto at = received_at(version.position); at > received) cutoffs.insert(at);
  }
  return std::all_of(cutoffs.begin(), cutoffs.end(), [&](core::Instant cutoff) {
    const auto last = std::find_if(versions.rbegin(), versions.rend(), [&](const auto& version) {
      return stands_for(version) && received_at(version.position) <= cutoff;
    });
    return last != versions.rend() && same(*last);
  });
}

// -- registrations ------------------------------------------------------------------------------

void MeterFold::registration_turn(const schema::Entry::Reader& entry, const TurnContext& context) {
  const auto registration = storage::decode_registration(entry);
  if (!registration) throw TurnFailure(registration.error().text);
  if (options_.before_turn) options_.before_turn(registration->mpan);
  const std::uint64_t mpan = registration->mpan.number();
  const TermsId terms = terms_.intern(registration->terms);
  Resident& meter = activate(mpan);
  const auto& effective = registration->effective;
  const auto stands_for = [&](const RegistrationVersion& v) { return v.from == effective.from; };
  const auto same = [&](const RegistrationVersion& v) {
    return v.to == effective.to && v.terms == terms;
  };
  if (holds_from(meter.state.registrations, context.received_at, stands_for, same)) {
    ++counts_.unchanged;
    leaves_nothing();
    return;
  }
  MeterState after = meter.state;
  after.registrations.push_back({effective.from, effective.to, terms, context.position});
  move_volumes(mpan, meter.state, after);

  const std::size_t bytes_before = meter.state.memory_bytes();
  meter.state = std::move(after);
  resident_bytes_ += meter.state.memory_bytes() - bytes_before;
  mark_dirty(meter);
  newest_registration_ = std::max(newest_registration_, context.received_at);
  ++counts_.accepted;
}

/// Moves what the meter's values count for from the old terms to the new, day by day, and its place
/// in the population. Reads first, so that a damaged version stops the turn before anything has
/// moved.
void MeterFold::move_volumes(std::uint64_t mpan, const MeterState& before,
                             const MeterState& after) {
  struct Moved {
    core::UtcDay day;
    MeasurementQuantity quantity;
    MeterDay values;
  };
  std::vector<Moved> moved;
  for (const auto& key : presence_.keys()) {
    if (presence_.mask(key, before.number) == 0) continue;
    const auto& spans = spans_of(key.day);
    const bool changes = std::any_of(spans.begin(), spans.end(), [&](const auto& span) {
      return governing_terms(before, span.day) != governing_terms(after, span.day);
    });
    if (!changes) continue;
    moved.push_back({key.day, key.quantity, counting_day_in_block(key.day, mpan, key.quantity)});
    for (const auto& span : spans) ledger_day(span.day);
  }
  const auto old_spans = terms_spans(before);
  const auto new_spans = terms_spans(after);
  for (const auto& m : moved) {
    account_day(before, m.day, m.quantity, m.values, m.values.present, -1);
    account_day(after, m.day, m.quantity, m.values, m.values.present, 1);
  }
  for (const auto& span : old_spans) {
    const auto& terms = terms_.at(span.terms);
    population_.change(before.number, span.terms, terms.energised, terms.direction, span.from,
                       span.to, -1);
  }
  for (const auto& span : new_spans) {
    const auto& terms = terms_.at(span.terms);
    population_.change(before.number, span.terms, terms.energised, terms.direction, span.from,
                       span.to, 1);
  }
}

void MeterFold::annual_consumption_turn(const schema::Entry::Reader& entry,
                                        const TurnContext& context) {
  const auto annual = storage::decode_annual_consumption(entry);
  if (!annual) throw TurnFailure(annual.error().text);
  if (options_.before_turn) options_.before_turn(annual->mpan);
  const std::uint64_t mpan = annual->mpan.number();
  Resident& meter = activate(mpan);
  const auto stands_for = [&](const AnnualConsumptionVersion& v) {
    return v.from == annual->effective_from.value;
  };
  const auto same = [&](const AnnualConsumptionVersion& v) {
    return v.energy_wh == annual->energy_wh && v.quality == annual->quality;
  };
  if (holds_from(meter.state.annual_consumption, context.received_at, stands_for, same)) {
    ++counts_.unchanged;
    leaves_nothing();
    return;
  }
  const std::size_t bytes_before = meter.state.memory_bytes();
  meter.state.annual_consumption.push_back(
      {annual->effective_from.value, annual->quality, annual->energy_wh, context.position});
  resident_bytes_ += meter.state.memory_bytes() - bytes_before;
  mark_dirty(meter);
  newest_registration_ = std::max(newest_registration_, context.received_at);
  ++counts_.accepted;
}

}  // namespace hhgrid::actors
