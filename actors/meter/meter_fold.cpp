#include "actors/meter/meter_fold.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "actors/meter/addressee.hpp"
#include "actors/meter/annual_consumption.hpp"
#include "actors/meter/cannot_take_part.hpp"
#include "actors/meter/consumption.hpp"
#include "actors/meter/consumption_limits.hpp"
#include "actors/meter/day_marker.hpp"
#include "actors/meter/day_shapes.hpp"
#include "actors/meter/ledger_builder.hpp"
#include "actors/meter/meter_register.hpp"
#include "actors/meter/refusal_message.hpp"
#include "actors/meter/registration.hpp"
#include "actors/meter/run_marker.hpp"
#include "actors/meter/run_only_shapes.hpp"
#include "actors/meter/run_shapes.hpp"
#include "actors/meter/turn_reply.hpp"
#include "actors/meter/versions.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::Family;

MeterFold::MeterFold(Identity identity, storage::Store& store,
                     const core::SettlementCalendar& calendar, MeterFoldOptions options)
    : Fold(identity, store),
      options_(std::move(options)),
      partition_(store, calendar, options_.resident_bytes_max, options_.ledger_days_max) {}

MeterFoldCounts MeterFold::counts() const {
  MeterFoldCounts counts = counts_;
  counts.activations = partition_.meters.activations();
  counts.passivations = partition_.meters.passivations();
  return counts;
}

std::size_t MeterFold::memory_bytes() const {
  return partition_.meters.memory_bytes() + partition_.presence.memory_bytes() +
         partition_.ledger.memory_bytes();
}

// -- loading and writing ------------------------------------------------------------------------

void MeterFold::write_meta(schema::MetaRecord::Builder meta) const {
  meta.setMeterCount(partition_.meters.count());
  meta.setTermsCount(static_cast<std::uint32_t>(partition_.terms.size()));
  write_order(partition_.arrivals.order(), meta);
}

void MeterFold::read_meta(schema::MetaRecord::Reader meta) {
  partition_.meters.set_count(meta.getMeterCount());
  partition_.arrivals.set_order(read_order(meta));
}

tl::expected<void, Error> MeterFold::load_state() {
  if (auto loaded = partition_.terms.load(store()); !loaded) return loaded;
  if (auto loaded = partition_.limits.load(store()); !loaded) return loaded;
  if (auto loaded = partition_.presence.load(store()); !loaded) return loaded;
  if (auto loaded = partition_.population.load(store()); !loaded) return loaded;
  if (auto loaded = partition_.meters.load(); !loaded) return loaded;
  if (auto loaded = partition_.repeats.load(store()); !loaded) return loaded;
  return partition_.told.load(store());
}

void MeterFold::write_state(storage::Commit& commit) {
  const ShapeSumsByDay shape_changes = partition_.ledger.shape_changes(partition_.calendar);
  versions_of_block_.write(commit, partition_.arrivals);
  partition_.arrivals.write(context_.received_at, context_.position.block(),
                            partition_.meters.count(), shape_changes, commit);
  partition_.ledger.write(commit);
  partition_.presence.write(commit);
  partition_.population.write(commit);
  partition_.terms.write(commit);
  partition_.limits.write(commit);
  partition_.meters.write(commit);
  partition_.told.write(shape_changes, commit);
  partition_.repeats.write(commit);
  refusals_.write(commit);
  for (const auto& [k, v] : run_records_.puts) commit.put(Family::run, k, v);
  for (const auto& k : run_records_.erasures) commit.erase(Family::run, k);
  run_records_ = {};
  for (const auto& write : writes_) {
    if (write.value)
      commit.put(write.family, write.key, *write.value);
    else
      commit.erase(write.family, write.key);
  }
  writes_.clear();
}

void MeterFold::committed() {
  expected_.committed();
  partition_.ledger.evict();
  partition_.meters.passivate();
}

// -- ports --------------------------------------------------------------------------------------

std::span<const core::UtcDaySpan> MeterFold::spans(core::UtcDay day) {
  if (spans_day_ != day) {
    spans_ = partition_.calendar.spans_of(day);
    spans_day_ = day;
  }
  return spans_;
}

PeriodMasks MeterFold::masks(const Presence::Key& key) {
  return partition_.presence.masks(key, meter_->state.number);
}

std::span<const Presence::Key> MeterFold::days() {
  days_ = partition_.presence.keys();
  std::erase_if(days_, [&](const auto& key) { return masks(key).stored() == 0; });
  return days_;
}

/// Those in the store, then those that this block has brought so far.
std::span<const StoredVersion> MeterFold::versions(const Presence::Key& key) {
  versions_.clear();
  const auto read = read_versions(store(), key.day, meter_->mpan, key.quantity, versions_);
  if (!read) throw_read_error(read.error());
  versions_of_block_.read(key, meter_->mpan, versions_);
  return versions_;
}

std::span<const Repeat> MeterFold::repeats(const RepeatSubject& subject, RepeatsOf whom) {
  auto& repeats = partition_.repeats;
  if (whom == RepeatsOf::all) return repeats.of(store(), subject);
  const auto began = delivery_began();
  if (began && !repeats.has_repeated(*began, subject, meter_->state.number)) return {};
  return repeats.of(store(), subject, [&](const Repeat& repeat) {
    return of_one_delivery(repeat.position, context_.position);
  });
}

// -- turns --------------------------------------------------------------------------------------

void MeterFold::turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word>,
                     const TurnContext& context) {
  context_ = context;
  switch (entry.which()) {
    case schema::Entry::CONSUMPTION: {
      read_consumption(entry, reading_);
      return give(reading_.mpan, reading_, context);
    }
    case schema::Entry::REGISTRATION: {
      const auto message = storage::decode_registration(entry);
      if (!message) throw TurnFailure(message.error().text);
      const MeterRegistration registration{message->mpan, message->effective,
                                           partition_.terms.intern(message->terms)};
      return give(message->mpan, registration, context);
    }
    case schema::Entry::ANNUAL_CONSUMPTION: {
      const auto message = storage::decode_annual_consumption(entry);
      if (!message) throw TurnFailure(message.error().text);
      return give(message->mpan, *message, context);
    }
    case schema::Entry::METER_REGISTER: {
      const auto message = storage::decode_meter_register(entry);
      if (!message) throw TurnFailure(message.error().text);
      return give(message->mpan, *message, context);
    }
    case schema::Entry::CONSUMPTION_LIMITS:
      if (!actors::turn(partition_, entry.getConsumptionLimits(), context)) leaves_nothing();
      return;
    case schema::Entry::DEAD_LETTER_REPLAY:
      return replay_dead_letter(
          storage::Position::from_number(entry.getDeadLetterReplay().getPosition()), context);
    case schema::Entry::RUN_MARKER:
      return marker_turn(entry.getRunMarker(), context);
    case schema::Entry::RUN_SHAPES:
      return shapes_turn(entry.getRunShapes());
    case schema::Entry::DAY_MARKER:
      return day_turn(entry.getDayMarker());
    case schema::Entry::DAY_SHAPES:
      return actors::turn(partition_, entry.getDayShapes(), writes_);
    default:
      throw TurnFailure(fmt::format("an entry of kind {} is not for a meter partition",
                                    static_cast<int>(entry.which())));
  }
}

template <class Message>
void MeterFold::give(core::Mpan mpan, const Message& message, const TurnContext& context) {
  if (options_.before_turn) options_.before_turn(mpan);
  MeterTable::Resident& meter = partition_.meters.activate(mpan);
  meter_ = &meter;
  effects_.clear();
  actors::turn(meter.state, message, context, *this, effects_);
  carry_out(meter, context);
}

/// First ledger days that have to be read, and who has sent what is refused. Whatever cannot be
/// read of the store, then or later, stops the partition: what is half done in memory is never
/// committed.
void MeterFold::carry_out(MeterTable::Resident& meter, const TurnContext& context) {
  moved_days_.clear();
  for (const auto& movement : effects_.movements)
    moved_days_.push_back(&partition_.ledger_day(movement.span.day));

  const auto tell = [&](const RefusalChange& change) {
    const RefusalMessage message = message_of(change);
    if (!message.refused.none() || message.allowed != 0)  // another code is no news
      tell_sender(change.version.position, [&] { return participant_message_record(message); });
  };
  for (const auto& change : effects_.refusals) {
    refusals_.set(change.version, change.refused);
    tell(change);
  }
  tell_senders(effects_.contradicted);
  move_volumes();
  for (const auto& change : effects_.presence)
    partition_.presence.set(change.key, meter.state.number, change.masks, context.received_at);
  for (const auto& [span, sign] : effects_.population) {
    const auto& terms = partition_.terms.at(span.terms);
    partition_.population.change(meter.state.number, span.terms, terms.energised, terms.direction,
                                 span.from, span.to, sign);
  }
  for (const auto& repeat : effects_.repeats) {
    partition_.repeats.add(repeat, meter.state.number, delivery_began());
    partition_.arrivals.repeat();
  }
  last_repeated_ = 0;
  for (const auto& repeat : effects_.repeats_made_versions) {
    partition_.repeats.erase(repeat);
    arrived_with_its_own_block(repeat, meter);
  }
  for (auto& version : effects_.versions) versions_of_block_.add(version, meter.state.number);
  if (effects_.state) {
    partition_.meters.change(meter, std::move(*effects_.state));
    partition_.arrivals.registered(meter.state.number);
  }
  count_effects();
}

/// What becomes a version arrived with its own block, and not with this one.
void MeterFold::arrived_with_its_own_block(const MeterRepeat& repeat,
                                           const MeterTable::Resident& meter) {
  const auto block = repeat.repeat.position.block();
  if (block == context_.position.block()) return;
  // Several of one block are one arrival.
  const bool again = std::exchange(last_repeated_, block) == block;
  const core::Instant at = received_at(repeat.repeat.position);
  const auto of_block = [&](storage::Position position) { return position.block() == block; };
  if (repeat.subject.kind != RepeatSubject::Kind::consumption) {
    const auto noted = [&](const auto& all) {
      return std::any_of(all.begin(), all.end(),
                         [&](const auto& version) { return of_block(version.position); });
    };
    if (!again && !noted(meter.state.registrations) && !noted(meter.state.annual_consumption) &&
        !noted(meter.state.registers()))
      partition_.arrivals.registered_in({at, block}, meter.state.number, store());
    return;
  }
  const Presence::Key key{{repeat.subject.day}, repeat.subject.quantity};
  const auto all = versions(key);
  if (!again && std::none_of(all.begin(), all.end(),
                             [&](const auto& version) { return of_block(version.key.position); }))
    partition_.arrivals.version_in({at, block}, key, meter.state.number, store());
  partition_.presence.set(key, meter.state.number, masks(key), at);
}

void MeterFold::move_volumes() {
  for (std::size_t i = 0; i < effects_.movements.size(); ++i) {
    const auto& movement = effects_.movements[i];
    const auto& values = effects_.values[movement.values];
    LedgerRow& row = moved_days_[i]->row(movement.terms, movement.quantity);
    partition_.ledger.touch(movement.span.day, LedgerDay::key(movement.terms, movement.quantity),
                            row);
    account_span(*values.day, movement.periods, values.uniform, movement.span, row, movement.sign);
  }
}

void MeterFold::count_effects() {
  counts_.refused_periods += effects_.refused_periods;
  for (const auto& entry : effects_.contradicted) ++counts_.refused(entry.kind);
  if (is_replied_to()) reply(reply_of(effects_));
  if (effects_.answer == Answer::unchanged) {
    ++counts_.unchanged;
    if (effects_.repeats.empty() && effects_.versions.empty()) leaves_nothing();
    return;
  }
  counts_.accepted += effects_.answer == Answer::accepted;
  counts_.unregistered += effects_.without_registration;
  counts_.not_registered += effects_.not_registered;
}

// -- runs ---------------------------------------------------------------------------------------

void MeterFold::keep(RunRecords records) {
  std::move(records.puts.begin(), records.puts.end(), std::back_inserter(run_records_.puts));
  std::move(records.erasures.begin(), records.erasures.end(),
            std::back_inserter(run_records_.erasures));
}

/// In the store, and in this block.
LaterArrivals MeterFold::later_arrivals(schema::RunMarker::Reader marker) {
  const core::Instant cutoff{marker.getCutoff()};
  const auto days = shape_days_of(settlement_day(marker), partition_.calendar);
  auto later = partition_.arrivals.read_later(store(), cutoff, days);
  if (!later) throw_read_error(later.error());
  if (context_.received_at <= cutoff && later->empty()) return std::move(*later);
  versions_of_block_.note(partition_.arrivals);
  partition_.arrivals.add_block(cutoff, context_.received_at, context_.position.block(),
                                partition_.meters.count(),
                                partition_.ledger.shape_changes(partition_.calendar), *later);
  return std::move(*later);
}

void MeterFold::marker_turn(schema::RunMarker::Reader marker, const TurnContext& context) {
  capnp::MallocMessageBuilder message(1 << 16);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  RunRecords records;
  VersionReader versions(
      store(), [this](const Presence::Key& key, core::Mpan mpan, std::vector<StoredVersion>& out) {
        versions_of_block_.read(key, mpan, out);
      });
  actors::turn(partition_, marker, context, {id(), later_arrivals(marker), versions}, records,
               root.initRunSums());
  send(identity().topology.market(), message);
  keep(std::move(records));
}

void MeterFold::shapes_turn(schema::RunShapes::Reader shapes) {
  RunRecords records;
  if (shapes.getCancelled()) {
    forget_run(store(), shapes.getRunNumber(), records);
    return keep(std::move(records));
  }
  capnp::MallocMessageBuilder message(1 << 14);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  actors::turn(shapes,
               {id(), partition_.calendar, partition_.terms,
                take_findings(store(), shapes.getRunNumber(), partition_.calendar, partition_.terms,
                              records)},
               records, root.initRunDefaults());
  send(identity().topology.market(), message);
  keep(std::move(records));
}

void MeterFold::day_turn(schema::DayMarker::Reader marker) {
  capnp::MallocMessageBuilder message(1 << 14);
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  actors::turn(partition_, id(), marker, root.initDaySums());
  send(identity().topology.market(), message);
}

bool MeterFold::answers_failure(const schema::Entry::Reader& entry, const std::string& reason) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<schema::Entry>();
  if (!answer_that_it_cannot(entry, id(), reason, root)) return false;
  send(identity().topology.market(), message);
  return true;
}

// -- supervision --------------------------------------------------------------------------------

std::string MeterFold::address_of(const schema::Entry::Reader& entry) const {
  const auto digits = meter_digits(entry);
  return digits ? fmt::format("meter/{}", *digits) : fmt::format("partition/{}", id());
}

void MeterFold::expect(kj::ArrayPtr<const capnp::word> bytes) {
  if (const auto mpan = storage::consumption_mpan(bytes)) expected_.expect(*mpan, partition_);
}

void MeterFold::turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) {
  const auto mpan = meter_of(entry);
  if (!mpan) return;  // not a meter's: the dead letter tells it all
  auto& meter = partition_.meters.activate(*mpan);
  MeterState after = meter.state;
  after.seldom.edit().failures += 1;
  after.seldom.edit().failed_position = context.position;
  partition_.meters.change(meter, std::move(after));
}

void MeterFold::turn_replayed(const schema::Entry::Reader& entry) {
  const auto mpan = meter_of(entry);
  if (!mpan) return;
  auto& meter = partition_.meters.activate(*mpan);
  MeterState after = meter.state;
  SeldomState& seldom = after.seldom.edit();
  if (seldom.failures > 0) seldom.failures -= 1;
  if (seldom.failures == 0) seldom.failed_position = {};
  partition_.meters.change(meter, std::move(after));
}

}  // namespace hhgrid::actors
