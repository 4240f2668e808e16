#include "actors/grid/participants.hpp"

#include <algorithm>
#include <map>

#include "storage/store/provenance.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::PartitionId;

tl::expected<std::vector<WaitingMessage>, Error> take(const Grid& grid,
                                                      const core::ParticipantId& participant,
                                                      std::size_t limit) {
  std::vector<WaitingMessage> messages;
  const auto read = grid.stores().each([&](PartitionId partition, const storage::Store& store) {
    if (messages.size() == limit) return tl::expected<void, Error>();
    const storage::Store::View view(store);
    return each_waiting(view, participant, [&](const MessageId& id, auto record) {
      messages.push_back({partition, id, read_participant_message(record)});
      return messages.size() < limit;
    });
  });
  if (!read) return tl::unexpected(read.error());
  return messages;
}

tl::expected<void, Error> acknowledge(Grid& grid, const core::ParticipantId& participant,
                                      const std::vector<WaitingMessage>& taken, core::Instant now) {
  std::map<PartitionId, MessageId> last;
  for (const auto& message : taken) {
    const auto known = last.emplace(message.partition, message.id).first;
    known->second = std::max(known->second, message.id);
  }
  for (const auto& [partition, id] : last) {
    storage::EntryScratch scratch;
    storage::BlockBuilder block(now, "participant/" + participant.to_string());
    block.add(scratch.build([&, up_to = id](schema::Entry::Builder entry) {
      auto took = entry.initParticipantTook();
      took.setParticipant(participant.to_string());
      took.setPosition(up_to.position.number());
      took.setN(up_to.n);
    }));
    const auto appended =
        grid.append(partition, block.finish({storage::make_sender_id(), 1}, grid.delivers_once()));
    if (!appended) return tl::unexpected(appended.error());
  }
  return {};
}

namespace {

/// When the entry came that caused the oldest message of a store to a participant.
tl::expected<std::optional<core::Instant>, Error> oldest_message(
    const storage::Store::View& view, const core::ParticipantId& participant) {
  std::optional<MessageId> first;
  const auto read = each_waiting(view, participant, [&](const MessageId& message, auto) {
    first = message;
    return false;
  });
  if (!read) return tl::unexpected(read.error());
  if (!first) return std::nullopt;
  storage::Provenance provenance(view);
  const auto origin = provenance.of(first->position);
  if (!origin) return tl::unexpected(origin.error());
  return (*origin)->received_at;
}

tl::expected<void, Error> add_participants(const storage::Store& store,
                                           std::map<core::ParticipantId, ParticipantStatus>& all) {
  const storage::Store::View view(store);
  return participant_counts.each(
      view, [&](storage::KeyReader& key, auto record) -> tl::expected<void, Error> {
        const auto participant = read_participant(key);
        const ParticipantCount count = read_participant_count(record);
        auto& [name, sum, oldest] = all[participant];
        name = participant;
        sum.waiting += count.waiting;
        sum.dropped += count.dropped;
        const auto first = oldest_message(view, participant);
        if (!first) return tl::unexpected(first.error());
        if (*first && (!oldest || **first < *oldest)) oldest = *first;
        return {};
      });
}

}  // namespace

tl::expected<std::vector<ParticipantStatus>, Error> participants(const Grid& grid) {
  std::map<core::ParticipantId, ParticipantStatus> all;
  const auto added = grid.stores().each(
      [&](PartitionId, const storage::Store& store) { return add_participants(store, all); });
  if (!added) return tl::unexpected(added.error());
  std::vector<ParticipantStatus> list;
  for (const auto& [participant, status] : all) list.push_back(status);
  return list;
}

}  // namespace hhgrid::actors
