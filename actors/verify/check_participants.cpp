#include "actors/verify/check_participants.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "actors/host/address.hpp"
#include "actors/meter/refusal_message.hpp"
#include "actors/meter/versions.hpp"
#include "actors/standing/standing_refusals.hpp"
#include "actors/standing/standing_row.hpp"
#include "storage/store/provenance.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::KeyReader;
using storage::Position;

/// What was refused of a version once all up to `last` had had its turn.
core::RefusedPeriods refused_at(Position last, std::span<const StoredVersion> versions,
                                std::size_t version) {
  if (versions[version].key.position > last) return {};
  constexpr core::Instant ever{std::numeric_limits<std::int64_t>::max()};
  return refusals(versions, AsOf(last, ever, [](Position) { return core::Instant{}; }))[version];
}

class ParticipantCheck {
 public:
  ParticipantCheck(Check& check, const MetaFacts& meta)
      : check_(check), meta_(meta), provenance_(check.view()) {}

  void message(std::string_view bytes, std::string_view value) {
    KeyReader key(bytes.substr(1));
    const auto participant = read_participant(key);
    const MessageId id = read_message_id(key);
    if (!key.complete()) refuse_record("is no key of this family");
    auto& [count, oldest] = waiting_[participant];
    if (count++ == 0) oldest = id;
    require_position(id.position, meta_);
    const auto message =
        checked_record<schema::ParticipantMessageRecord>(value, read_participant_message);
    static_cast<void>(sender_of(id.position));
    if (const auto* entry = std::get_if<ContradictedEntry>(&message)) {
      if (sender_of(entry->position) != participant)
        refuse_record("is about an entry that another has sent");
      if (*entry != contradicted(*entry, id.position)) refuse_record("is not what the entry was");
      return;
    }
    const auto& refusal = std::get<RefusalMessage>(message);
    if (sender_of(refusal.version.position) != participant)
      refuse_record("is about a reading that another has sent");
    require_told(refusal, id.position);
  }

  void count(std::string_view bytes, std::string_view value) {
    KeyReader key(bytes.substr(1));
    const auto participant = read_participant(key);
    if (!key.complete()) refuse_record("is no key of this family");
    const auto count =
        checked_record<schema::ParticipantCountRecord>(value, read_participant_count);
    const auto [waiting, oldest] = waiting_[participant];
    waiting_.erase(participant);
    if (count.waiting != waiting)
      refuse_record(fmt::format("counts {} messages, there are {}", count.waiting, waiting));
    if (waiting > 0 && oldest <= count.taken) refuse_record("a message waits that has been taken");
  }

  void finish() {
    for (const auto& [participant, waiting] : waiting_)
      check_.damaged(Family::outbox, participant_count_key(participant),
                     fmt::format("is missing, while {} messages wait", waiting.count));
  }

 private:
  core::ParticipantId sender_of(Position position) {
    const auto origin = provenance_.of(position);
    if (!origin) refuse_record(fmt::format("no block holds position {}", to_string(position)));
    return (*origin)->participant;
  }

  /// Refuses a message that the turn at `cause` has not caused, as the versions tell it.
  void require_told(const RefusalMessage& message, Position cause) {
    const VersionKey& version = message.version;
    std::vector<StoredVersion> versions;
    const auto read =
        read_versions(check_.view(), version.day, version.mpan, version.quantity, versions);
    if (!read) refuse_record(read.error().text);
    const auto found =
        std::find_if(versions.begin(), versions.end(),
                     [&](const StoredVersion& stored) { return stored.key == version; });
    if (found == versions.end()) refuse_record("its version is not there");
    const auto before = Position::from_number(cause.number() - 1);
    const auto i = static_cast<std::size_t>(found - versions.begin());
    if (message ==
        message_of({version, refused_at(before, versions, i), refused_at(cause, versions, i)}))
      return;
    // A repeat that a contradiction has made a version is told what was refused of it when it came.
    const bool contradicts =
        std::any_of(versions.begin(), versions.end(), [&](const StoredVersion& stored) {
          return stored.key.position == cause && stored.derived &&
                 stored.derived->rule == DerivationRule::contradiction;
        });
    if (!contradicts || version.position >= cause ||
        message != message_of({version, {}, found->refused}))
      refuse_record("is not what the versions give");
  }

  /// What the turn at `cause` has refused of an entry that is no reading, as the records tell it.
  ContradictedEntry contradicted(const ContradictedEntry& entry, Position cause) {
    if (entry.kind == ContradictedEntry::Kind::standing)
      return contradicted_row(entry.position, cause);
    const auto address = parse_address(entry.address);
    const auto* mpan = address ? std::get_if<core::Mpan>(&*address) : nullptr;
    if (mpan == nullptr) refuse_record("is about no meter");
    const auto meter = meter_records.get(check_.view(), meter_key(*mpan), read_meter);
    if (!meter) refuse_record(meter.error().text);
    if (!*meter) refuse_record("the meter has no record");
    ContradictedEntry told{entry.kind, entry.position, entry.address, {}, 0};
    const auto find = [&](const auto& versions, const auto& take) {
      for (const auto& version : versions)
        if (version.position == entry.position && version.is_contradicted() &&
            versions[version.contradicted_by - 1].position == cause)
          take(version);
    };
    switch (entry.kind) {
      case ContradictedEntry::Kind::registration:
        find((*meter)->registrations, [&](const auto& of) { told.day = of.from.value; });
        break;
      case ContradictedEntry::Kind::annual_consumption:
        find((*meter)->annual_consumption, [&](const auto& of) { told.day = of.from; });
        break;
      case ContradictedEntry::Kind::meter_register:
        find((*meter)->registers(), [&](const auto& of) {
          told.day = day_fitted(of.key);
          told.subject = to_string(of.key);
        });
        break;
      case ContradictedEntry::Kind::standing:
        break;
    }
    return told;
  }

  ContradictedEntry contradicted_row(Position position, Position cause) {
    if (!refused_rows_) read_refused_rows();
    const auto row_key = refused_rows_->find(cause);
    if (row_key == refused_rows_->end()) refuse_record("its entry is not refused");
    const auto& [key, refusals] = row_key->second;
    const auto parts = refusals.of(position);
    const auto row =
        check_.view().get(Family::actor, key + storage::KeyWriter().position(position).str());
    if (parts == 0 || !row || !*row) refuse_record("its entry is not refused");
    return contradicted_entry(stored_standing_row(**row), position, parts);
  }

  /// By the entry that refuses them. What cannot be read check_standing_refusal says.
  void read_refused_rows() {
    refused_rows_.emplace();
    const auto scanned = check_.view().scan_prefix(
        Family::actor, standing_refusal_tag, [&](std::string_view key, std::string_view value) {
          StandingRefusals refusals;
          auto row_key = refusals.add(key, value, "the record");
          if (row_key)
            refused_rows_->emplace(storage::split_position(key)->position,
                                   std::pair(std::move(*row_key), std::move(refusals)));
          return true;
        });
    if (!scanned) refuse_record(scanned.error().text);
  }

  Check& check_;
  const MetaFacts& meta_;
  storage::Provenance provenance_;
  std::optional<std::map<Position, std::pair<std::string, StandingRefusals>>> refused_rows_;
  struct Waiting {
    std::uint64_t count = 0;
    MessageId oldest;
  };
  std::map<core::ParticipantId, Waiting> waiting_;
};

}  // namespace

void check_participants(Check& check, const MetaFacts& meta) {
  ParticipantCheck participants(check, meta);
  check.scan_again(Family::outbox, participant_messages.tag(),
                   [&](auto key, auto value) { participants.message(key, value); });
  check.scan_again(Family::outbox, participant_counts.tag(),
                   [&](auto key, auto value) { participants.count(key, value); });
  participants.finish();
}

}  // namespace hhgrid::actors
