#include "actors/meter/consumption.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "actors/meter/day_effects.hpp"
#include "actors/meter/ledger.hpp"
#include "actors/meter/versions.hpp"
#include "core/validation/ecs1006_contradiction.hpp"

namespace hhgrid::actors {

using core::RefusalCode;
using core::RefusedPeriods;

void read_consumption(const schema::Entry::Reader& entry, Consumption& message) {
  const auto decoded = storage::decode_consumption(entry);
  if (!decoded) throw TurnFailure(decoded.error().text);
  message.mpan = decoded->mpan;
  message.day = decoded->day;
  message.quantity = decoded->quantity;
  take_meter_day(*decoded, message.values);
  message.packed = {};
  if (decoded->present == all_periods_mask && !decoded->detail) {
    const auto values = entry.getConsumption().getValues();
    message.packed = {values.begin(), values.size()};
  }
}

namespace {

/// One turn over a message some of whose half hours are there already, or none.
class ConsumptionTurn {
 public:
  ConsumptionTurn(const MeterState& meter, const Consumption& message, const TurnContext& context,
                  MeterPorts& ports, MeterEffects& effects)
      : meter_(meter),
        message_(message),
        context_(context),
        ports_(ports),
        effects_(effects),
        key_{message.day, message.quantity},
        subject_{RepeatSubject::Kind::consumption, message.day.value, message.mpan,
                 message.quantity},
        governed_(meter, key_, ports),
        carried_(message.values.present),
        refused_(governed_.judge(message.values, ports.maximum(context.position))) {}

  void take() {
    const PeriodMasks masks = ports_.masks(key_);
    if ((masks.stored() & carried_) == 0)
      take_first(masks);
    else
      take_beside_others(masks);
    effects_.refused = refused_;
  }

 private:
  /// No version has any of the half hours.
  void take_first(const PeriodMasks& masks) {
    const std::uint64_t counted = carried_ & ~refused_.all();
    governed_.move(message_.values, counted, 1, effects_, MeterEffects::Values::of_message);
    store({masks.counting | counted, masks.refused | (carried_ & ~counted)});
  }

  void take_beside_others(const PeriodMasks& masks) {
    auto versions = known_versions(RepeatsOf::delivery);
    auto own = compare_with_delivery(versions);
    if (withdraws_version(versions, own)) {
      versions = known_versions(RepeatsOf::all);
      own = compare_with_delivery(versions);
    }
    refused_.add(RefusalCode::contradicted, own.contradicted);
    // What the delivery says twice it has said; so the order of its messages changes nothing.
    carried_ &= ~own.repeated;
    if (carried_ == 0) {
      effects_.answer = Answer::unchanged;
      return;
    }
    const bool says_nothing = own.contradicted == 0 && is_repeat(versions);
    if (says_nothing && is_of_its_sender(versions)) return take_repeat(versions);
    make_versions(versions, own.contradicted);
    const auto before_refused = refusals(versions);
    auto after_refused = before_refused;
    std::uint64_t touched = carried_;
    std::vector<Judgement> judgements;
    for (const auto i : own.versions) {
      after_refused[i].add(RefusalCode::contradicted,
                           versions[i].values.present & own.contradicted);
      if (after_refused[i] == before_refused[i]) continue;
      touched |= versions[i].values.present & own.contradicted;
      effects_.change_refusal(versions[i].key, before_refused[i], after_refused[i]);
      judgements.push_back({versions[i].key.position, versions[i].key.n, after_refused[i]});
    }
    const MeterDay before = counting_day(versions, before_refused);
    MeterDay after = counting_day(versions, after_refused);
    overlay(after, message_.values, carried_ & ~refused_.all());
    governed_.move(before, before.present & touched, -1, effects_);
    governed_.move(after, after.present & touched, 1, effects_);
    store({after.present, (masks.stored() | carried_) & ~after.present});
    if (!judgements.empty())
      add_judgements(version_key(1),
                     {DerivationRule::contradiction, context_.rules, {context_.position}},
                     std::move(judgements), effects_);
    if (says_nothing && effects_.answer == Answer::accepted) effects_.answer = Answer::unchanged;
  }

  /// What its sender sends again is refused again; the sender knows that of its version.
  void take_repeat(std::span<const StoredVersion> versions) {
    effects_.answer = Answer::unchanged;
    for (auto& periods : refused_.by_code) periods &= carried_;
    effects_.refused_periods += static_cast<std::uint64_t>(std::popcount(refused_.all()));
    // None of them can ever be contradicted by its delivery: no trace is needed.
    if (!ports_.is_of_delivery(context_.position) &&
        std::none_of(versions.begin(), versions.end(), [&](const auto& version) {
          return (version.values.present & carried_) != 0 &&
                 ports_.is_of_delivery(version.key.position);
        }))
      return;
    effects_.repeats.push_back({subject_, {context_.position, carried_}});
  }

  /// What of the message contradicts its own delivery (ECS1006), what of it that delivery has said
  /// before and nobody since, and the versions that it brought.
  struct OwnDelivery {
    std::uint64_t contradicted = 0, repeated = 0;
    std::vector<std::size_t> versions;
  };

  VersionKey version_key(std::uint16_t n) const { return version_key(context_.position, n); }
  VersionKey version_key(storage::Position position, std::uint16_t n) const {
    return {message_.day, message_.mpan, message_.quantity, position, n};
  }

  /// The versions, and in its place in journal order each entry that has repeated some.
  std::span<const StoredVersion> known_versions(RepeatsOf whom) {
    const auto stored = ports_.versions(key_);
    const auto repeats = ports_.repeats(subject_, whom);
    repeats_.assign(repeats.begin(), repeats.end());
    if (repeats_.empty()) return stored;
    known_.assign(stored.begin(), stored.end());
    for (const Repeat& repeat : repeats_) {
      StoredVersion version{version_key(repeat.position, 0), {}, {}, {}, {}};
      const auto after = std::find_if(known_.begin(), known_.end(),
                                      [&](const auto& other) { return version.key < other.key; });
      std::uint64_t missing = repeat.parts;
      for (auto said = after; said != known_.begin() && missing != 0;) {
        --said;
        overlay(version.values, said->values, said->values.present & missing);
        missing &= ~said->values.present;
      }
      if (missing != 0) throw_repeat_of_nothing(subject_, repeat);
      version.refused = governed_.judge(version.values, ports_.maximum(repeat.position));
      known_.insert(after, std::move(version));
    }
    return known_;
  }

  bool is_repeat_at(storage::Position position) const {
    return std::any_of(repeats_.begin(), repeats_.end(),
                       [&](const Repeat& repeat) { return repeat.position == position; });
  }

  /// Whether a version of the delivery is contradicted: what others have repeated of it counts in
  /// its place.
  bool withdraws_version(std::span<const StoredVersion> versions, const OwnDelivery& own) const {
    return own.contradicted != 0 &&
           std::any_of(own.versions.begin(), own.versions.end(),
                       [&](std::size_t i) { return !is_repeat_at(versions[i].key.position); });
  }

  /// Those repeats that are known, of half hours that are contradicted, stand among the versions
  /// from now on.
  void make_versions(std::span<const StoredVersion> versions, std::uint64_t contradicted) {
    for (const Repeat& repeat : repeats_) {
      if ((repeat.parts & contradicted) == 0) continue;
      const auto version = std::find_if(versions.begin(), versions.end(), [&](const auto& one) {
        return one.key == version_key(repeat.position, 0);
      });
      effects_.versions.push_back({version->key, {}, {}, version_record(*version)});
      effects_.repeats_made_versions.push_back({subject_, repeat});
      // Counted when it came, and told now that it is a version of its own.
      if (!version->refused.none())
        effects_.refusals.push_back({version->key, {}, version->refused});
    }
  }

  void store(const PeriodMasks& masks) {
    for (auto& periods : refused_.by_code) periods &= carried_;
    const VersionKey key = version_key(0);
    NewVersion& version = effects_.versions.emplace_back();
    version.key = key;
    version.quality = message_.values.quality[0];
    if (!message_.packed.empty() && refused_.none() && carried_ == all_periods_mask) {
      version.packed = message_.packed;
    } else {
      StoredVersion stored{key, message_.values, refused_, {}, {}};
      stored.values.present = carried_;
      version.record = version_record(stored);
    }
    if (!refused_.none()) effects_.change_refusal(key, {}, refused_);
    effects_.presence.push_back({key_, masks});
    if ((carried_ & ~refused_.all()) == 0) effects_.answer = Answer::refused;
    if (!core::is_settled(message_.quantity)) return;
    effects_.without_registration = meter_.registrations.empty();
    effects_.not_registered =
        !meter_.registrations.empty() && (carried_ & ~governed_.registered()) != 0;
  }

  OwnDelivery compare_with_delivery(std::span<const StoredVersion> versions) {
    OwnDelivery own;
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const auto& [key, values, refused, judgements, derived] = versions[i];
      const auto shared = values.present & carried_;
      if (shared == 0 || derived) continue;
      if (!ports_.of_one_delivery(key.position, context_.position)) {
        own.repeated &= ~shared;  // another came between: what the delivery says again is the last
        continue;
      }
      const auto contradicted = contradicted_periods(values, message_.values);
      own.versions.push_back(i);
      own.contradicted |= contradicted;
      if (ports_.received_at(key.position) <= context_.received_at)
        own.repeated |= shared & ~contradicted;
    }
    return own;
  }

  /// True when at the cut-off every half hour of the message has been said before, with the same
  /// refusals.
  bool says_nothing_new(std::span<const StoredVersion> versions, const AsOf& as_of) const {
    const auto standing = refusals(versions, as_of);
    MeterDay said;
    RefusedPeriods said_refused;
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const auto periods = versions[i].values.present;
      if (periods == 0 || !as_of.holds(versions[i].key.position)) continue;
      overlay(said, versions[i].values, periods);
      for (std::size_t code = 0; code < said_refused.by_code.size(); ++code)
        said_refused.by_code[code] =
            (said_refused.by_code[code] & ~periods) | standing[i].by_code[code];
    }
    if ((carried_ & ~said.present) != 0 || differing_periods(said, message_.values, carried_) != 0)
      return false;
    RefusedPeriods refused = refused_;
    for (std::size_t code = 0; code < refused.by_code.size(); ++code) {
      said_refused.by_code[code] &= carried_;
      refused.by_code[code] &= carried_;
    }
    return said_refused == refused;
  }

  /// Other limits may refuse the same values at a cut-off at which another registration governs.
  bool same_limits(std::span<const StoredVersion> versions) {
    const auto* own = ports_.maximum(context_.position);
    return std::all_of(versions.begin(), versions.end(), [&](const auto& version) {
      const auto* other = ports_.maximum(version.key.position);
      return (version.values.present & carried_) == 0 || own == other ||
             (own != nullptr && other != nullptr && *own == *other);
    });
  }

  /// True when no run could see a difference, whatever its cut-off.
  bool is_repeat(std::span<const StoredVersion> versions) {
    const core::Instant received = context_.received_at;
    if (!says_nothing_new(versions, {}) || !same_limits(versions)) return false;
    if (ports_.newest(key_) <= received) return true;
    // Others were received later, so a cut-off may lie between: at each of them it must say
    // nothing.
    std::set<core::Instant> cutoffs{received};
    for (const auto& version : versions)
      if (const auto at = ports_.received_at(version.key.position); at > received)
        cutoffs.insert(at);
    return std::all_of(cutoffs.begin(), cutoffs.end(), [&](core::Instant cutoff) {
      return says_nothing_new(versions, AsOf(context_.position, cutoff, [&](auto position) {
                                return ports_.received_at(position);
                              }));
    });
  }

  /// Whether the message's participant has sent the same last itself, and is refused the same of
  /// it. Who has not gets a version of its own, and hears what becomes of that, now and later.
  /// Where no participant is named nobody has to hear.
  bool is_of_its_sender(std::span<const StoredVersion> versions) {
    const auto standing = refusals(versions);
    std::uint64_t unsaid = carried_;
    for (std::size_t i = versions.size(); i-- > 0 && unsaid != 0;) {
      const auto periods = versions[i].values.present & unsaid;
      if (periods == 0 || !ports_.is_of_sender(versions[i].key.position)) continue;
      if (differing_periods(versions[i].values, message_.values, periods) != 0) return false;
      for (std::size_t code = 0; code < refused_.by_code.size(); ++code)
        if (((standing[i].by_code[code] ^ refused_.by_code[code]) & periods) != 0) return false;
      unsaid &= ~periods;
    }
    return unsaid == 0;
  }

  const MeterState& meter_;
  const Consumption& message_;
  const TurnContext& context_;
  MeterPorts& ports_;
  MeterEffects& effects_;
  const Presence::Key key_;
  const RepeatSubject subject_;
  const GovernedDay governed_;
  std::uint64_t carried_;   // half hours of the message that are stored
  RefusedPeriods refused_;  // of them
  std::vector<StoredVersion> known_;
  std::vector<Repeat> repeats_;  // of which known_ has a version
};

}  // namespace

void turn(const MeterState& meter, const Consumption& message, const TurnContext& context,
          MeterPorts& ports, MeterEffects& effects) {
  ConsumptionTurn(meter, message, context, ports, effects).take();
}

}  // namespace hhgrid::actors
