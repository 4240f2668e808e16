#include "actors/verify/check_participants.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "actors/meter/refusal_message.hpp"
#include "actors/meter/versions.hpp"
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
        checked_record<schema::ParticipantMessageRecord>(value, read_refusal_message);
    if (sender_of(message.version.position) != participant)
      refuse_record("is about a reading that another has sent");
    static_cast<void>(sender_of(id.position));
    if (message != message_of(change(message.version, id.position)))
      refuse_record("is not what the versions give");
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

  /// What the turn at `cause` has changed of a version, as the versions tell it.
  RefusalChange change(const VersionKey& version, Position cause) {
    std::vector<StoredVersion> versions;
    const auto read =
        read_versions(check_.view(), version.day, version.mpan, version.quantity, versions);
    if (!read) refuse_record(read.error().text);
    const auto found =
        std::find_if(versions.begin(), versions.end(),
                     [&](const StoredVersion& stored) { return stored.key == version; });
    if (found == versions.end()) refuse_record("its version is not there");
    const auto i = static_cast<std::size_t>(found - versions.begin());
    const auto before = Position::from_number(cause.number() - 1);
    return {version, refused_at(before, versions, i), refused_at(cause, versions, i)};
  }

  Check& check_;
  const MetaFacts& meta_;
  storage::Provenance provenance_;
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
