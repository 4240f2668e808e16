#include "actors/meter/meter_fold.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/host/prefetch.hpp"
#include "actors/meter/plain_version.hpp"
#include "core/assertion.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;
using storage::Family;

namespace {

/// How many versions before its own an entry is fetched, and how much of it: all of a common one.
constexpr std::size_t versions_ahead = 8, prefetched_bytes_max = 256;

}  // namespace

MeterFold::MeterFold(Identity identity, storage::Store& store,
                     const core::SettlementCalendar& calendar, MeterFoldOptions options)
    : Fold(identity, store),
      calendar_(calendar),
      options_(std::move(options)),
      ledger_(store, terms_, options_.ledger_days_max) {}

// -- loading and writing ------------------------------------------------------------------------

void MeterFold::write_meta(schema::MetaRecord::Builder meta) const {
  meta.setMeterCount(meter_count_);
  meta.setTermsCount(static_cast<std::uint32_t>(terms_.size()));
  meta.setNewestRegistrationAt(newest_registration_.milliseconds);
}

void MeterFold::read_meta(schema::MetaRecord::Reader meta) {
  meter_count_ = meta.getMeterCount();
  newest_registration_.milliseconds = meta.getNewestRegistrationAt();
}

tl::expected<void, Error> MeterFold::load_state() {
  const std::string where = store().path().string();
  if (auto loaded = terms_.load(store(), where); !loaded) return loaded;
  if (auto loaded = presence_.load(store()); !loaded) return loaded;
  if (auto loaded = population_.load(store()); !loaded) return loaded;
  mpans_.assign(meter_count_, 0);
  std::optional<Error> failure;
  auto scanned = store().scan_prefix(
      Family::actor, meter_key_prefix, [&](std::string_view key, std::string_view value) {
        storage::KeyReader reader(key.substr(1));
        const std::uint64_t mpan = reader.u64();
        auto meter = read_meter(mpan, value);
        if (!meter) return failure = meter.error(), false;
        if (!reader.complete())
          return failure = Error{Errc::damaged, fmt::format("{} meter/{}: bad key {}", where, mpan,
                                                            storage::printable_key(key))},
                 false;
        mpans_[meter->number] = mpan;
        if (resident_bytes_ < options_.resident_bytes_max) {
          resident_bytes_ += meter->memory_bytes();
          meters_.add(mpan, std::move(*meter));
        }
        return true;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return store().scan_prefix(Family::ledger, "u", [&](std::string_view key, std::string_view) {
    storage::KeyReader reader(key.substr(1));
    unsent_days_.insert(core::SettlementDay{reader.day()});
    return true;
  });
}

void MeterFold::write_state(storage::Commit& commit) {
  // In key order each insert into the memtable goes on where the one before it ended.
  std::sort(pending_.begin(), pending_.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  char key[version_key_bytes], compact[compact_version_bytes_max];
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    // Entries are far apart in the block now: memory needs a few of them to answer.
    if (i + versions_ahead < pending_.size()) {
      const auto next = pending_[i + versions_ahead].bytes.asBytes();
      prefetch(next.begin(), std::min(next.size(), prefetched_bytes_max));
    }
    const auto& version = pending_[i];
    write_version_key(version.key, key);
    if (const auto size = compact_version(version.key, version.bytes, compact); size > 0) {
      commit.put(Family::consumption, {key, sizeof key}, {compact, size});
      continue;
    }
    const auto bytes = version.bytes.asBytes();
    commit.put(Family::consumption, {key, sizeof key},
               {reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  }
  pending_.clear();
  pending_index_.clear();
  pending_indexed_ = 0;
  ledger_.write(commit);
  presence_.write(commit);
  population_.write(commit);
  terms_.write(commit);
  std::sort(dirty_meters_.begin(), dirty_meters_.end());
  for (const auto mpan : dirty_meters_) {
    Resident* const meter = meters_.find(mpan);
    HHGRID_ASSERT(meter, mpan);
    meter->dirty = false;
    commit.put(Family::actor, meter_key(core::Mpan::from_number(mpan)), meter_record(meter->state));
  }
  dirty_meters_.clear();
  for (const auto day : sent_days_)
    commit.erase(Family::ledger, storage::KeyWriter().tag('u').day(day.value));
  for (const auto day : new_unsent_days_)
    commit.put(Family::ledger, storage::KeyWriter().tag('u').day(day.value), "");
  sent_days_.clear();
  new_unsent_days_.clear();
  for (const auto& [k, v] : sent_puts_) commit.put(Family::ledger, k, v);
  for (const auto& [k, v] : run_puts_) commit.put(Family::run, k, v);
  for (const auto& k : run_erasures_) commit.erase(Family::run, k);
  sent_puts_.clear();
  run_puts_.clear();
  run_erasures_.clear();
}

void MeterFold::committed() {
  ledger_.evict();
  if (resident_bytes_ > options_.resident_bytes_max) passivate();
}

const std::vector<core::UtcDaySpan>& MeterFold::spans_of(core::UtcDay day) {
  if (spans_day_ != day) {
    spans_ = calendar_.spans_of(day);
    spans_day_ = day;
  }
  return spans_;
}

LedgerDay& MeterFold::ledger_day(core::SettlementDay day) {
  auto rows = ledger_.day(day);
  if (!rows) throw_read_error(rows.error());
  return **rows;
}

std::size_t MeterFold::memory_bytes() const {
  return resident_bytes_ + meters_.overhead_bytes() + mpans_.capacity() * sizeof(std::uint64_t) +
         presence_.memory_bytes() + ledger_.memory_bytes();
}

// -- turns --------------------------------------------------------------------------------------

std::string MeterFold::address_of(const schema::Entry::Reader& entry) const {
  switch (entry.which()) {
    case schema::Entry::CONSUMPTION:
      return fmt::format("meter/{}", entry.getConsumption().getMpan());
    case schema::Entry::REGISTRATION:
      return fmt::format("meter/{}", entry.getRegistration().getMpan());
    case schema::Entry::ANNUAL_CONSUMPTION:
      return fmt::format("meter/{}", entry.getAnnualConsumption().getMpan());
    default:
      return fmt::format("partition/{}", id());
  }
}

void MeterFold::expect(kj::ArrayPtr<const capnp::word> bytes) {
  const auto mpan = plain_version_mpan(bytes);
  if (!mpan) return;
  meters_.prefetch_place(*mpan);
  meters_.prefetch_state(std::exchange(expected_[next_expected_], *mpan));
  next_expected_ = (next_expected_ + 1) % expected_.size();
}

void MeterFold::turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                     const TurnContext& context) {
  switch (entry.which()) {
    case schema::Entry::CONSUMPTION:
      return consumption_turn(entry, bytes, context);
    case schema::Entry::REGISTRATION:
      return registration_turn(entry, context);
    case schema::Entry::ANNUAL_CONSUMPTION:
      return annual_consumption_turn(entry, context);
    case schema::Entry::DEAD_LETTER_REPLAY:
      return replay_dead_letter(
          storage::Position::from_number(entry.getDeadLetterReplay().getPosition()), context);
    case schema::Entry::RUN_MARKER:
      return marker_turn(entry.getRunMarker(), context);
    case schema::Entry::RUN_SHAPES:
      return shapes_turn(entry.getRunShapes());
    default:
      throw TurnFailure(fmt::format("an entry of kind {} is not for a meter partition",
                                    static_cast<int>(entry.which())));
  }
}

namespace {

/// The meter an entry is addressed to, when it is addressed to one and its MPAN holds.
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

}  // namespace

void MeterFold::turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) {
  const auto mpan = meter_of(entry);
  if (!mpan) return;  // not a meter's: the dead letter tells it all
  Resident& meter = activate(mpan->number());
  meter.state.failures += 1;
  meter.state.failed_position = context.position;
  mark_dirty(meter);
}

void MeterFold::turn_replayed(const schema::Entry::Reader& entry) {
  const auto mpan = meter_of(entry);
  if (!mpan) return;
  Resident& meter = activate(mpan->number());
  if (meter.state.failures > 0) meter.state.failures -= 1;
  if (meter.state.failures == 0) meter.state.failed_position = {};
  mark_dirty(meter);
}

}  // namespace hhgrid::actors
