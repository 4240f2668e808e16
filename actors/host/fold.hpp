#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "core/types.hpp"
#include "storage/journal/journal.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/grid_id.hpp"
#include "storage/wire/schema/entry.capnp.h"
#include "storage/wire/schema/record.capnp.h"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// The key of a partition's only record in Family::meta.
inline constexpr std::string_view meta_key = "meta";

using Words = std::shared_ptr<const kj::Array<capnp::word>>;

/// What a turn knows beside its message; time comes in with the entry, never from a clock.
struct TurnContext {
  storage::Position position = 0;
  core::Instant received_at;
};

/// Stops a turn: nothing of it takes effect, its entry goes to the dead letters with this reason.
struct TurnFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Stops the partition: the store could not be read for a reason that is not the entry's, such as
/// an error of the operating system. The entry must not become a dead letter, since a replay
/// without the error would take it.
struct StoreFailure : std::runtime_error {
  explicit StoreFailure(storage::Error e) : std::runtime_error(e.text), error(std::move(e)) {}
  storage::Error error;
};

/// Throws what a failed read of the store means for a turn: TurnFailure when a record is damaged,
/// StoreFailure otherwise.
[[noreturn]] void throw_read_error(const storage::Error& error);

/// A message to another partition; (sender, position, n) names it, and receivers drop repeats.
struct OutboxMessage {
  storage::Position position = 0;
  std::uint32_t n = 0;
  storage::PartitionId destination = 0;
  core::Instant received_at;  ///< Of the entry whose turn sent it.
  Words entry;
};

/// The batch id under which an outbox message enters its destination's journal.
storage::BatchId outbox_batch_id(storage::PartitionId sender, const OutboxMessage& message);

/// A partition's state as a fold of its journal: takes blocks in order, gives every entry its turn,
/// and commits what the block changed, with the position reached, in one write. Knows no actor
/// system, no clock and no thread; one caller.
class Fold {
 public:
  struct Identity {
    storage::PartitionId id = 0;
    storage::Topology topology;
    storage::GridId grid;  ///< Kept in the store: a store of another grid is foreign.
  };
  Fold(Identity identity, storage::Store& store);
  virtual ~Fold();
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  /// Reads the state the store holds. Errors: damaged, newer_format, foreign (another grid or
  /// partition).
  tl::expected<void, storage::Error> load();

  /// Applies the next block. A block at or before `position()` is a repeat and changes nothing; a
  /// gap is an error. After a failed commit (`awaits_commit`; no_space, io) call `retry_commit`
  /// until it succeeds before the next block. After any other error the fold must be made anew: the
  /// block may be half applied in memory, and nothing of it is in the store.
  tl::expected<void, storage::Error> apply(const storage::JournalBlock& block);
  tl::expected<void, storage::Error> retry_commit();
  bool awaits_commit() const { return uncommitted_; }

  storage::Position position() const { return position_; }
  storage::PartitionId id() const { return identity_.id; }
  std::uint64_t dead_letter_count() const { return dead_letters_; }

  /// Messages that have to leave and were committed since the last call (after load: all not yet
  /// delivered).
  std::vector<OutboxMessage> take_outbox();
  /// The destination's journal holds it: forgotten with the next commit.
  void delivered(storage::Position position, std::uint32_t n);

 protected:
  /// Reads what the kind of partition keeps beside the common records.
  virtual tl::expected<void, storage::Error> load_state() = 0;
  /// One turn. Throws TurnFailure (or anything derived from std::exception, or kj::Exception)
  /// before it changes anything.
  virtual void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                    const TurnContext& context) = 0;
  /// Told of an entry a few turns before its own, so that what it needs can be fetched into the
  /// processor's caches. Must not change any state.
  virtual void expect(kj::ArrayPtr<const capnp::word>) {}
  /// The actor that an entry is addressed to, for the dead letter: `meter/...`, `market`, ...
  virtual std::string address_of(const schema::Entry::Reader& entry) const = 0;
  /// True when a failed turn has told its sender why (with `send`): then it leaves no dead letter.
  virtual bool answers_failure(const schema::Entry::Reader&, const std::string&) { return false; }
  /// Told of every turn that failed, so that the actor can be marked.
  virtual void turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) = 0;
  /// Told of every dead letter whose replay succeeded, so that the mark can go.
  virtual void turn_replayed(const schema::Entry::Reader& entry) = 0;
  /// Puts everything the block's turns changed into the commit.
  virtual void write_state(storage::Commit& commit) = 0;
  /// After the block's commit is in the store.
  virtual void committed() {}
  /// Fills and reads the counters of the meta record that belong to the kind of partition.
  virtual void write_meta(schema::MetaRecord::Builder) const {}
  virtual void read_meta(schema::MetaRecord::Reader) {}

  /// Sends a message at the end of this turn's commit.
  void send(storage::PartitionId destination, capnp::MessageBuilder& message);
  /// Gives the entry of a dead letter its turn again, at the present position; the letter is
  /// removed when that succeeds.
  void replay_dead_letter(storage::Position dead, const TurnContext& context);
  storage::Store& store() { return store_; }
  const storage::Store& store() const { return store_; }
  const Identity& identity() const { return identity_; }
  /// When the entry at `position` was received (from the batch records).
  core::Instant received_at(storage::Position position) const;

 private:
  bool is_repeat_of_sender(const storage::BatchId& id) const;
  void take_sender_mark(const storage::BatchId& id);
  /// Error: the partition cannot go on (StoreFailure).
  tl::expected<void, storage::Error> give_turns(const storage::BlockView& view,
                                                storage::Position position, core::Instant received);
  void give_turn(kj::ArrayPtr<const capnp::word> bytes, const TurnContext& context);
  std::optional<std::string> why_turn_stopped(const schema::Entry::Reader& entry,
                                              kj::ArrayPtr<const capnp::word> bytes,
                                              const TurnContext& context);
  void turn_stopped(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                    const std::string& reason, const TurnContext& context);
  void take_back_sent(storage::Position position);
  void bury(kj::ArrayPtr<const capnp::word> bytes, const std::string& address,
            const std::string& reason, const TurnContext& context);
  tl::expected<void, storage::Error> load_meta();
  tl::expected<void, storage::Error> load_batches();
  tl::expected<void, storage::Error> load_outbox();
  void put_meta(storage::Commit& commit) const;

  Identity identity_;
  storage::Store& store_;
  storage::Position position_ = 0;
  std::uint64_t dead_letters_ = 0;
  std::map<storage::PartitionId, std::pair<storage::Position, std::uint32_t>> senders_;
  std::map<storage::Position, core::Instant>
      received_;            // first position of each change of received_at
  storage::Commit commit_;  // of the block being applied, or awaiting a retry
  bool uncommitted_ = false;
  storage::Position commit_position_ = 0;
  std::deque<kj::Array<capnp::word>>
      replayed_;                              // dead letters that this block gave their turn again
  std::set<storage::Position> gone_letters_;  // those of them whose replay succeeded
  std::vector<OutboxMessage> sent_;           // by this block, not yet committed
  std::vector<OutboxMessage> outbox_;         // committed, not yet taken
  std::vector<std::pair<storage::Position, std::uint32_t>> delivered_;
  TurnContext turn_;
  std::uint32_t turn_messages_ = 0;
};

}  // namespace hhgrid::actors
