#include "actors/meter/versions.hpp"

#include <algorithm>

#include "actors/meter/plain_version.hpp"

namespace hhgrid::actors {

using core::RefusalCode;
using storage::Error;

void take_meter_day(const storage::ConsumptionDay& message, MeterDay& day) {
  day.present = message.present;
  day.energy_wh = message.energy_wh;
  day.reasoned = 0;
  if (!message.detail) {
    day.quality.fill(message.quality);
    return;
  }
  day.quality = message.detail->qualities;
  day.estimation_reason = message.detail->estimation_reasons;
  day.amendment_reason = message.detail->amendment_reasons;
  core::each_period(day.present, [&](std::size_t i) {
    if (day.estimation_reason[i] != 0 || day.amendment_reason[i] != 0)
      day.reasoned |= std::uint64_t{1} << i;
  });
}

// -- what counts --------------------------------------------------------------------------------

std::vector<core::RefusedPeriods> refusals(std::span<const StoredVersion> versions,
                                           const AsOf& as_of) {
  std::vector<core::RefusedPeriods> refused;
  refused.reserve(versions.size());
  for (const auto& version : versions) refused.push_back(version.refused);
  for (const auto& version : versions) {
    if (version.judgements.empty() || !as_of.holds(version.key.position)) continue;
    const bool contradicts =
        version.derived && version.derived->rule == DerivationRule::contradiction;
    for (const auto& judgement : version.judgements)
      for (std::size_t i = 0; i < versions.size(); ++i) {
        if (versions[i].key.position != judgement.position || versions[i].key.n != judgement.n)
          continue;
        // Another rule found it contradicted already, by what may not hold at the cut-off.
        auto& contradicted =
            refused[i].by_code[static_cast<std::size_t>(RefusalCode::contradicted)];
        const std::uint64_t before = contradicted;
        refused[i] = judgement.refused;
        if (!contradicts) contradicted = before;
      }
  }
  return refused;
}

MeterDay counting_day(std::span<const StoredVersion> versions, const AsOf& as_of) {
  return counting_day(versions, refusals(versions, as_of), as_of);
}

MeterDay counting_day(std::span<const StoredVersion> versions,
                      std::span<const core::RefusedPeriods> refused, const AsOf& as_of) {
  MeterDay counting;
  for (std::size_t i = 0; i < versions.size(); ++i)
    if (as_of.holds(versions[i].key.position))
      overlay(counting, versions[i].values, versions[i].values.present & ~refused[i].all());
  return counting;
}

// -- scanning -----------------------------------------------------------------------------------

tl::expected<void, Error> CountingScan::take(std::string_view bytes, std::string_view value) {
  ++versions_;
  const auto key = read_version_key(bytes, where_);
  if (!key) return tl::unexpected(key.error());
  if (count_ > 0 && !key->same_meter_day(held_.front().key)) finish();
  if (judgement_ != nullptr && !judgement_->as_of().holds(key->position)) return {};
  if (count_ == held_.size()) held_.emplace_back();
  StoredVersion& held = held_[count_];
  if (const auto quality = read_plain_version(*key, value, held.values.energy_wh)) {
    held.key = *key;
    held.values.quality.fill(*quality);
    held.values.reasoned = 0;
    held.values.present = all_periods_mask;
    held.refused = {};
    held.judgements.clear();
    held.derived.reset();
  } else {
    auto version = read_version(*key, value, where_);
    if (!version) return tl::unexpected(version.error());
    held = std::move(*version);
  }
  ++count_;
  return {};
}

void CountingScan::finish() {
  if (count_ == 0) return;
  const StoredVersion& first = held_.front();
  if (count_ == 1 && first.refused.none() && first.values.present != 0 && !judged_again(first)) {
    ++meter_days_;
    visit_(first.key, first.values);
  } else {
    count_several();
  }
  count_ = 0;
}

bool CountingScan::judged_again(const StoredVersion& version) const {
  return judgement_ != nullptr && judgement_->concerns(version.key.mpan);
}

void CountingScan::count_several() {
  // Those that do not hold are not there.
  const std::span<const StoredVersion> versions(held_.data(), count_);
  const auto refused = judgement_ ? judgement_->refusals(versions) : refusals(versions);
  const auto last = std::find_if(versions.rbegin(), versions.rend(),
                                 [](const auto& version) { return !version.derived; });
  const bool any =
      std::any_of(refused.begin(), refused.end(), [](const auto& r) { return !r.none(); });
  if (any && visit_refused_) visit_refused_(versions, refused);
  const MeterDay counting = counting_day(versions, refused);
  if (counting.present == 0 || last == versions.rend()) return;
  ++meter_days_;
  visit_(last->key, counting);
}

tl::expected<std::uint64_t, Error> scan_counting_days(const storage::Store::View& view,
                                                      const std::string& where, core::UtcDay first,
                                                      core::UtcDay last,
                                                      const JudgementAsOf& judgement,
                                                      const CountingVisit& visit) {
  CountingScan scan(where, judgement, visit);
  tl::expected<void, Error> taken;
  const auto scanned = view.scan(
      storage::Family::consumption, version_day_prefix(first), version_day_prefix(last + 1),
      [&](std::string_view key, std::string_view value) {
        taken = scan.take(key, value);
        return taken.has_value();
      },
      storage::Store::Caching::pass);
  if (!scanned) return tl::unexpected(scanned.error());
  if (!taken) return tl::unexpected(taken.error());
  scan.finish();
  return scan.meter_days();
}

}  // namespace hhgrid::actors
