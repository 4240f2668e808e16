#include "actors/host/participant_outbox.hpp"

#include <stdexcept>

#include "actors/host/fold.hpp"
#include "core/rule_set.hpp"

namespace hhgrid::actors {

using storage::Error;
using storage::Family;

std::string participant_message_key(const core::ParticipantId& participant, const MessageId& id) {
  return participant_messages.key().text(participant.view()).position(id.position).u32(id.n).str();
}

std::string participant_count_key(const core::ParticipantId& participant) {
  return participant_counts.key().text(participant.view()).str();
}

core::ParticipantId read_participant(storage::KeyReader& key) {
  const auto participant = core::ParticipantId::parse(key.text());
  if (!participant) throw std::runtime_error(participant.error().text);
  return *participant;
}

MessageId read_message_id(storage::KeyReader& key) {
  const auto position = key.position();
  return {position, key.u32()};
}

ParticipantCount read_participant_count(schema::ParticipantCountRecord::Reader record) {
  const ParticipantCount count{
      record.getWaiting(),
      record.getDropped(),
      {storage::Position::from_number(record.getTakenPosition()), record.getTakenN()}};
  if (count.waiting > core::participant_messages_max)
    throw std::runtime_error("more messages wait than may");
  return count;
}

tl::expected<void, Error> ParticipantOutbox::load(const storage::Store& store) {
  *this = {};
  return participant_counts.each(store, [&](storage::KeyReader& key, auto record) {
    counts_[read_participant(key)] = read_participant_count(record);
  });
}

void ParticipantOutbox::send(const core::ParticipantId& participant, storage::Position cause,
                             std::string record) {
  last_ = last_.position == cause ? MessageId{cause, last_.n + 1} : MessageId{cause, 0};
  ParticipantCount& count = counts_[participant];
  changed_.insert(participant);
  if (count.waiting >= core::participant_messages_max) {
    ++count.dropped;
    return;
  }
  ++count.waiting;
  sent_.emplace(participant_message_key(participant, last_), std::move(record));
}

void ParticipantOutbox::taken(const core::ParticipantId& participant, const MessageId& last,
                              const storage::Store& store) {
  const auto known = counts_.find(participant);
  if (known == counts_.end() || last <= known->second.taken) return;
  ParticipantCount& count = known->second;
  const std::string first = participant_message_key(participant, count.taken);
  const std::string end = participant_message_key(participant, last) + '\0';  // the next key
  const auto forget = [&](std::string_view key) {
    storage::KeyReader reader(key.substr(participant_messages.tag().size()));
    read_participant(reader);
    count.taken = read_message_id(reader);
    --count.waiting;
    changed_.insert(participant);
    return true;
  };
  const auto scanned =
      store.scan(Family::outbox, first, end, [&](std::string_view key, std::string_view) {
        return !erased_.emplace(key).second || forget(key);
      });
  if (!scanned) throw_read_error(scanned.error());
  const auto sent_end = sent_.lower_bound(end);
  for (auto sent = sent_.lower_bound(first); sent != sent_end; sent = sent_.erase(sent))
    forget(sent->first);
}

void ParticipantOutbox::write(storage::Commit& commit) {
  for (const auto& key : erased_) commit.erase(Family::outbox, key);
  for (const auto& [key, record] : sent_) commit.put(Family::outbox, key, record);
  for (const auto& participant : changed_) {
    const ParticipantCount& count = counts_[participant];
    storage::RecordBuilder<schema::ParticipantCountRecord> record;
    record->setWaiting(count.waiting);
    record->setDropped(count.dropped);
    record->setTakenPosition(count.taken.position.number());
    record->setTakenN(count.taken.n);
    commit.put(Family::outbox, participant_count_key(participant), record.bytes());
  }
  sent_.clear();
  erased_.clear();
  changed_.clear();
}

}  // namespace hhgrid::actors
