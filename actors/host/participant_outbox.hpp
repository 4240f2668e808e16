#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/participant.capnp.h"

namespace hhgrid::actors {

/// Names a message of a partition to a participant, for ever: the entry whose turn has sent it, and
/// which of the messages of that turn it is, from 0. Ordered as sent.
struct MessageId {
  storage::Position position;
  std::uint32_t n = 0;
  friend auto operator<=>(const MessageId&, const MessageId&) = default;
};

/// What waits in Family::outbox for participants, by participant and MessageId; and how many
/// messages those are, by participant.
inline constexpr storage::Table<schema::ParticipantMessageRecord> participant_messages{
    storage::Family::outbox, "p"};
inline constexpr storage::Table<schema::ParticipantCountRecord> participant_counts{
    storage::Family::outbox, "c"};
std::string participant_message_key(const core::ParticipantId& participant, const MessageId& id);
std::string participant_count_key(const core::ParticipantId& participant);
/// What both kinds of keys begin with. What throws is the record's fault.
core::ParticipantId read_participant(storage::KeyReader& key);
/// What is left of a message's key.
MessageId read_message_id(storage::KeyReader& key);

struct ParticipantCount {
  std::uint64_t waiting = 0;
  std::uint64_t dropped = 0;  ///< Not kept: as many waited already as may.
  MessageId taken;            ///< The last that the participant has taken.
  friend bool operator==(const ParticipantCount&, const ParticipantCount&) = default;
};
/// What throws is the record's fault.
ParticipantCount read_participant_count(schema::ParticipantCountRecord::Reader record);

/// Calls `visit(const MessageId&, schema::ParticipantMessageRecord::Reader)` for what waits for a
/// participant, oldest first, until it returns false. Does not pass over what was taken before.
/// Errors: damaged, newer_format, io.
template <class Source, class Visit>
tl::expected<void, storage::Error> each_waiting(const Source& source,
                                                const core::ParticipantId& participant,
                                                Visit&& visit) {
  const auto count =
      participant_counts.get(source, participant_count_key(participant), read_participant_count);
  if (!count) return tl::unexpected(count.error());
  if (!*count) return {};
  return participant_messages.each_from(
      source, participant_message_key(participant, (*count)->taken),
      [&](storage::KeyReader& key, schema::ParticipantMessageRecord::Reader record) {
        const bool another = read_participant(key) != participant;
        const MessageId id = read_message_id(key);
        return !another && visit(id, record);
      });
}

/// What a partition has to tell participants: it waits here until an entry says that they have it.
/// Nothing else waits for it.
class ParticipantOutbox {
 public:
  /// Reads the counts. Errors: damaged, newer_format, io.
  tl::expected<void, storage::Error> load(const storage::Store& store);

  // -- while a block is applied

  /// `record`: a ParticipantMessageRecord. Beyond the limits, of the
  /// participant and of all together (core/rule_set.hpp), it is counted as dropped.
  void send(const core::ParticipantId& participant, storage::Position cause, std::string record);
  /// What the turn given last has sent, if that was the one at `cause`: it failed.
  void take_back(storage::Position cause);
  /// The participant has all up to `last`: they are forgotten. Throws StoreFailure.
  void taken(const core::ParticipantId& participant, const MessageId& last,
             const storage::Store& store);
  void write(storage::Commit& commit);

 private:
  std::map<core::ParticipantId, ParticipantCount> counts_;
  std::uint64_t waiting_ = 0;  // for all of them
  // Of the block being applied.
  MessageId last_;                           // given last
  std::vector<core::ParticipantId> told_;    // of its turn, by n
  std::map<std::string, std::string> sent_;  // by key
  std::set<std::string> erased_;             // keys in the store
  std::set<core::ParticipantId> changed_;
};

}  // namespace hhgrid::actors
