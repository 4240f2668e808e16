#include "actors/host/participant_outbox.hpp"

#include <stdexcept>

#include <fmt/format.h>

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
    const ParticipantCount count = read_participant_count(record);
    counts_[read_participant(key)] = count;
    waiting_ += count.waiting;
  });
}

void ParticipantOutbox::send(const core::ParticipantId& participant, storage::Position cause,
                             std::string record) {
  if (last_.position != cause) told_.clear();
  last_ = {cause, static_cast<std::uint32_t>(told_.size())};
  told_.push_back(participant);
  ParticipantCount& count = counts_[participant];
  changed_.insert(participant);
  if (count.waiting >= core::participant_messages_max || waiting_ >= core::waiting_messages_max) {
    ++count.dropped;
    return;
  }
  ++count.waiting;
  ++waiting_;
  sent_.emplace(participant_message_key(participant, last_), std::move(record));
}

void ParticipantOutbox::take_back(storage::Position cause) {
  if (last_.position != cause) return;
  for (std::uint32_t n = 0; n < told_.size(); ++n) {
    const auto& participant = told_[n];
    const auto known = counts_.find(participant);
    const bool kept = sent_.erase(participant_message_key(participant, {cause, n})) != 0;
    --(kept ? known->second.waiting : known->second.dropped);
    waiting_ -= kept;
    if (known->second != ParticipantCount()) continue;
    counts_.erase(known);  // it has never been told anything
    changed_.erase(participant);
  }
  told_.clear();
}

namespace {

/// What is damaged stops the partition: it never makes a dead letter of the entry that finds it.
[[noreturn]] void throw_damaged(const storage::Store& store, std::string_view whose,
                                std::string_view cause) {
  throw_read_error({storage::Errc::damaged,
                    fmt::format("{}: outbox of {}: {}", store.path().string(), whose, cause)});
}

MessageId stored_message_id(std::string_view key, const storage::Store& store) {
  const auto bytes = key.substr(participant_messages.tag().size());
  storage::KeyReader reader(bytes);
  try {
    read_participant(reader);
    const MessageId id = read_message_id(reader);
    if (reader.complete()) return id;
  } catch (const std::runtime_error&) {  // said below
  }
  throw_damaged(store, "participants", "a key names no message");
}

}  // namespace

void ParticipantOutbox::taken(const core::ParticipantId& participant, const MessageId& last,
                              const storage::Store& store) {
  const auto known = counts_.find(participant);
  if (known == counts_.end() || last <= known->second.taken) return;
  ParticipantCount& count = known->second;
  const std::string first = participant_message_key(participant, count.taken);
  const std::string end = participant_message_key(participant, last) + '\0';  // the next key
  const auto forget = [&](std::string_view key) {
    count.taken = stored_message_id(key, store);
    if (count.waiting == 0)
      throw_damaged(store, participant.view(), "more messages wait than are counted");
    --count.waiting;
    --waiting_;
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
  told_.clear();
  sent_.clear();
  erased_.clear();
  changed_.clear();
}

}  // namespace hhgrid::actors
