#include "actors/host/fold.hpp"

#include <fmt/format.h>
#include <kj/exception.h>

#include "core/assertion.hpp"
#include "core/partitioning.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;
using storage::KeyReader;
using storage::KeyWriter;
using storage::Position;

/// "outbox" in ASCII above the sender's partition: no content hash of a file's block begins like
/// that but by a chance of 2^-48.
constexpr std::uint64_t outbox_mark = 0x6f7574626f780000;
constexpr std::uint32_t messages_per_turn_max = 4096;
static_assert(core::meter_partitions_max < messages_per_turn_max);
/// How many turns before its own an entry is announced: enough for memory to answer twice.
constexpr std::size_t turns_ahead = 16;

std::string position_key(Position position) { return KeyWriter().u64(position).str(); }
std::string outbox_key(Position position, std::uint32_t n) {
  return KeyWriter().u64(position).u32(n).str();
}

}  // namespace

storage::BatchId outbox_batch_id(storage::PartitionId sender, const OutboxMessage& message) {
  return {outbox_mark | sender, message.position * messages_per_turn_max + message.n};
}

void throw_read_error(const Error& error) {
  if (error.code == Errc::damaged || error.code == Errc::newer_format)
    throw TurnFailure(error.text);
  throw StoreFailure(error);
}

Fold::Fold(Identity identity, storage::Store& store)
    : identity_(identity), store_(store), commit_(store) {}
Fold::~Fold() = default;

// -- applying -----------------------------------------------------------------------------------

tl::expected<void, Error> Fold::apply(const storage::JournalBlock& block) {
  const Position last = block.first + block.block.entry_count - 1;
  if (last <= position_) return {};
  if (block.first != position_ + 1)
    return tl::unexpected(Error{
        Errc::damaged,
        fmt::format("{}: the journal goes on at position {}, expected {}; entries are missing",
                    store_.path().string(), block.first, position_ + 1)});
  const storage::BlockView view(block.block);
  if (view.error()) return tl::unexpected(*view.error());
  if (view.entries().size() != block.block.entry_count)
    return tl::unexpected(
        Error{Errc::damaged,
              fmt::format("{}: the block at position {} holds {} entries, announced were {}",
                          store_.path().string(), block.first, view.entries().size(),
                          block.block.entry_count)});
  HHGRID_ASSERT(!uncommitted_, identity_.id, block.first, commit_position_);
  commit_.clear();
  commit_position_ = last;
  const core::Instant received{view.received_at()};
  if (received_.empty() || received_.rbegin()->second != received)
    received_.emplace(block.first, received);
  storage::RecordBuilder<schema::BatchRecord> batch;
  batch->setCount(block.block.entry_count);
  batch->setReceivedAt(received.milliseconds);
  batch->setBatchIdHigh(block.block.batch_id.high);
  batch->setBatchIdLow(block.block.batch_id.low);
  batch->setSource(std::string(view.source()));
  commit_.put(Family::batch, position_key(block.first), batch.bytes());
  if (!is_repeat_of_sender(block.block.batch_id)) {
    take_sender_mark(block.block.batch_id);
    if (auto given = give_turns(view, block.first, received); !given) return given;
  }
  position_ = last;
  for (const auto& [position, n] : delivered_)
    commit_.erase(Family::outbox, outbox_key(position, n));
  delivered_.clear();
  write_state(commit_);
  put_meta(commit_);
  uncommitted_ = true;
  return retry_commit();
}

tl::expected<void, Error> Fold::retry_commit() {
  if (!uncommitted_) return {};
  if (auto written = store_.commit(commit_, commit_position_); !written) return written;
  uncommitted_ = false;
  replayed_.clear();
  gone_letters_.clear();
  outbox_.insert(outbox_.end(), std::make_move_iterator(sent_.begin()),
                 std::make_move_iterator(sent_.end()));
  sent_.clear();
  committed();
  return {};
}

/// A store that cannot be read and memory that is not there stop the partition, wherever a turn or
/// the burial of its entry finds them: the entry is not to blame.
tl::expected<void, Error> Fold::give_turns(const storage::BlockView& view, Position position,
                                           core::Instant received) {
  const auto& entries = view.entries();
  try {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i + turns_ahead < entries.size()) expect(entries[i + turns_ahead]);
      give_turn(entries[i], TurnContext{position++, received});
    }
  } catch (const StoreFailure& failure) {
    return tl::unexpected(failure.error);
  } catch (const std::bad_alloc&) {
    return tl::unexpected(Error{Errc::io, store_.path().string() + ": there is no memory left"});
  }
  return {};
}

void Fold::give_turn(kj::ArrayPtr<const capnp::word> bytes, const TurnContext& context) {
  turn_ = context;
  turn_messages_ = 0;
  storage::EntryView view(bytes);
  const auto entry = view.entry();
  if (!entry) return bury(bytes, fmt::format("partition/{}", id()), entry.error().text, context);
  if (const auto reason = why_turn_stopped(*entry, bytes, context))
    turn_stopped(*entry, bytes, *reason, context);
}

/// Gives the turn; nothing when it came to its end. Throws StoreFailure and std::bad_alloc.
std::optional<std::string> Fold::why_turn_stopped(const schema::Entry::Reader& entry,
                                                  kj::ArrayPtr<const capnp::word> bytes,
                                                  const TurnContext& context) {
  try {
    turn(entry, bytes, context);
    return std::nullopt;
  } catch (const StoreFailure&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const kj::Exception& e) {
    return e.getDescription().cStr();
  } catch (const std::exception& e) {
    return e.what();
  }
}

void Fold::turn_stopped(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                        const std::string& reason, const TurnContext& context) {
  take_back_sent(context.position);
  // The letter that a replay was of is still there, and says why. A run learns at once that a
  // partition cannot take part, and is refused.
  if (!entry.isDeadLetterReplay() && !answers_failure(entry, reason))
    bury(bytes, address_of(entry), reason, context);
  turn_failed(entry, context);
}

/// A turn may have sent before it failed; nothing of a failed turn leaves.
void Fold::take_back_sent(Position position) {
  while (!sent_.empty() && sent_.back().position == position) {
    commit_.erase(Family::outbox, outbox_key(sent_.back().position, sent_.back().n));
    sent_.pop_back();
  }
}

void Fold::bury(kj::ArrayPtr<const capnp::word> bytes, const std::string& address,
                const std::string& reason, const TurnContext& context) {
  storage::RecordBuilder<schema::DeadLetterRecord> letter;
  letter->setEntry(bytes.asBytes());
  letter->setReason(reason);
  letter->setAddress(address);
  letter->setReceivedAt(context.received_at.milliseconds);
  commit_.put(Family::dead_letter, position_key(context.position), letter.bytes());
  ++dead_letters_;
}

void Fold::replay_dead_letter(Position dead, const TurnContext& context) {
  // The store has it until the block's commit.
  if (gone_letters_.contains(dead))
    throw TurnFailure(fmt::format("the dead letter at position {} has had its turn", dead));
  const auto bytes = store_.get(Family::dead_letter, position_key(dead));
  if (!bytes) throw_read_error(bytes.error());
  if (!*bytes) throw TurnFailure(fmt::format("there is no dead letter at position {}", dead));
  const std::string where = store_.path().string() + " dead letter " + std::to_string(dead);
  auto entry = storage::read_record<schema::DeadLetterRecord>(**bytes, where, [](auto letter) {
    const auto data = letter.getEntry();
    auto words = kj::heapArray<capnp::word>(data.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), data.begin(), words.asBytes().size());
    return words;
  });
  if (!entry) throw TurnFailure(entry.error().text);
  // The block outlives the commit, and so must the words of this entry.
  replayed_.push_back(std::move(*entry));
  storage::EntryView view(replayed_.back());
  const auto reader = view.entry();
  if (!reader) throw TurnFailure(reader.error().text);
  if (reader->isDeadLetterReplay()) throw TurnFailure("a replay is not replayed");
  turn(*reader, replayed_.back(), context);
  turn_replayed(*reader);
  commit_.erase(Family::dead_letter, position_key(dead));
  gone_letters_.insert(dead);
  --dead_letters_;
}

// -- outbox -------------------------------------------------------------------------------------

void Fold::send(storage::PartitionId destination, capnp::MessageBuilder& message) {
  if (turn_messages_ + 1 >= messages_per_turn_max)
    throw TurnFailure("more messages than a turn may send");
  OutboxMessage out;
  out.position = turn_.position;
  out.received_at = turn_.received_at;
  out.n = turn_messages_++;
  out.destination = destination;
  auto root = message.getRoot<schema::Entry>().asReader();
  out.entry = std::make_shared<const kj::Array<capnp::word>>(capnp::canonicalize(root));
  storage::RecordBuilder<schema::OutboxRecord> record;
  record->setDestination(destination);
  record->setReceivedAt(out.received_at.milliseconds);
  record->setEntry(out.entry->asBytes());
  commit_.put(Family::outbox, outbox_key(out.position, out.n), record.bytes());
  sent_.push_back(std::move(out));
}

std::vector<OutboxMessage> Fold::take_outbox() { return std::exchange(outbox_, {}); }

void Fold::delivered(Position position, std::uint32_t n) { delivered_.emplace_back(position, n); }

bool Fold::is_repeat_of_sender(const storage::BatchId& id) const {
  if ((id.high & ~std::uint64_t{0xffff}) != outbox_mark) return false;
  const auto mark = senders_.find(static_cast<storage::PartitionId>(id.high));
  if (mark == senders_.end()) return false;
  return std::pair<Position, std::uint32_t>(
             id.low / messages_per_turn_max,
             static_cast<std::uint32_t>(id.low % messages_per_turn_max)) <= mark->second;
}

void Fold::take_sender_mark(const storage::BatchId& id) {
  if ((id.high & ~std::uint64_t{0xffff}) != outbox_mark) return;
  senders_[static_cast<storage::PartitionId>(id.high)] = {
      id.low / messages_per_turn_max, static_cast<std::uint32_t>(id.low % messages_per_turn_max)};
}

// -- common records -----------------------------------------------------------------------------

core::Instant Fold::received_at(Position position) const {
  auto after = received_.upper_bound(position);
  if (after == received_.begin())
    throw TurnFailure(fmt::format("no batch holds position {}", position));
  return std::prev(after)->second;
}

void Fold::put_meta(storage::Commit& commit) const {
  storage::RecordBuilder<schema::MetaRecord> meta;
  meta->setPartition(identity_.id);
  meta->setPartitionCount(identity_.topology.meter_partitions());
  meta->setKind(static_cast<std::uint8_t>(identity_.topology.kind(identity_.id)));
  meta->setGridIdHigh(identity_.grid.high);
  meta->setGridIdLow(identity_.grid.low);
  meta->setPosition(position_);
  auto senders = meta->initSenders(static_cast<unsigned>(senders_.size()));
  unsigned i = 0;
  for (const auto& [partition, mark] : senders_) {
    senders[i].setPartition(partition);
    senders[i].setPosition(mark.first);
    senders[i++].setN(mark.second);
  }
  write_meta(*meta);
  commit.put(Family::meta, meta_key, meta.bytes());
}

}  // namespace hhgrid::actors
