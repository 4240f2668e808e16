#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "actors/host/block_marks.hpp"
#include "actors/host/contradicted_entry.hpp"
#include "actors/host/dead_letter.hpp"
#include "actors/host/delivery.hpp"
#include "actors/host/outbox.hpp"
#include "actors/host/participant_outbox.hpp"
#include "actors/host/reply.hpp"
#include "core/rule_set.hpp"
#include "core/types.hpp"
#include "storage/journal/journal.hpp"
#include "storage/store/provenance.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/grid_id.hpp"
#include "storage/wire/schema/entry.capnp.h"
#include "storage/wire/schema/record.capnp.h"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// The key of a partition's only record in Family::meta.
inline constexpr std::string_view meta_key = "meta";

/// What a turn knows beside its message; time comes in with the entry, never from a clock.
struct TurnContext {
  storage::Position position;
  core::Instant received_at;
  storage::SenderId sender;                    ///< Of the block: tells one delivery from another.
  core::RuleSet rules = core::first_rule_set;  ///< That the partition folds by.
};

/// Stops a turn for what its entry and the state are: nothing of it takes effect, its entry goes to
/// the dead letters with this reason. The reason is the same wherever the journal is read: it names
/// no path.
struct TurnFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Stops the partition: the store could not be read, because a record is damaged or the operating
/// system refuses. The entry is not to blame, and must not become a dead letter: where the store is
/// whole it is taken.
struct StoreFailure : std::runtime_error {
  explicit StoreFailure(storage::Error e) : std::runtime_error(e.text), error(std::move(e)) {}
  storage::Error error;
};

/// Throws what a failed read of the store means for a turn.
[[noreturn]] void throw_read_error(const storage::Error& error);

/// Blocks that a partition has read and dropped, because their sender's n was not the next
/// (storage::BlockId).
struct DroppedBlocks {
  std::uint64_t repeated = 0;  ///< Taken before.
  std::uint64_t early = 0;     ///< They come again in their turn.
};

/// A partition's state as a fold of its journal: takes blocks in order, gives every entry its turn,
/// and commits what the block changed, with the block's number, in one write. Knows no actor
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

  /// Says which journal the blocks come from, before the first is applied. Errors: foreign (not the
  /// journal that the state was read from), damaged (shorter than what was read, or different
  /// there), trimmed (it no longer reaches back to the state).
  tl::expected<void, storage::Error> follow(const storage::Journal& journal);

  /// Applies the next block. A block at or before `block()` changes nothing; a gap is an error. A
  /// block whose sender's n is not the next is dropped and counted. After a failed commit
  /// (`awaits_commit`; no_space, io) call `retry_commit` until it succeeds before the next block.
  /// After any other error the fold must be made anew: the block may be half applied in memory, and
  /// nothing of it is in the store.
  tl::expected<void, storage::Error> apply(const storage::JournalBlock& block);
  tl::expected<void, storage::Error> retry_commit();
  bool awaits_commit() const { return uncommitted_; }

  /// The last block applied; 0 before the first.
  storage::BlockNumber block() const { return block_; }
  storage::PartitionId id() const { return identity_.id; }
  std::uint64_t dead_letter_count() const { return dead_letters_.count(); }
  const DroppedBlocks& dropped() const { return dropped_; }
  /// The number of the rule set by which it folds: an entry has set it.
  core::RuleSet rule_set() const { return rule_set_; }

  /// Blocks that have to leave and were committed since the last call (after load: all not yet
  /// delivered).
  std::vector<OutboxBlock> take_outbox() { return outbox_.take(); }
  /// Whether the turns of this sender's blocks are replied to; the replies of a block are there
  /// once it is committed.
  void reply_to(const storage::SenderId& sender) { replied_sender_ = sender; }
  /// Of the block applied last; nothing when its sender wants none.
  std::optional<BlockReplies> take_replies() { return std::exchange(replies_, std::nullopt); }

  /// The destination's journal holds it: forgotten with the next commit.
  void delivered(storage::PartitionId destination, std::uint64_t n) {
    outbox_.delivered(destination, n);
  }
  /// A commit of what has been delivered alone, at the end: the next opening would send it again.
  /// Errors: no_space, io; then it will be sent again.
  tl::expected<void, storage::Error> forget_delivered();

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
  /// Whether a turn for this entry, when it fails, may have changed state before. Then the state is
  /// read anew, and what the block has brought before the entry is given its turns again.
  virtual bool may_stop_half_way(const schema::Entry::Reader&) const { return false; }
  /// Forgets all state in memory: `load_state` follows, and then the block's turns from its
  /// beginning.
  virtual void forget_state() {}
  /// Told of every turn that failed, so that the actor can be marked.
  virtual void turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) = 0;
  /// Told of every dead letter whose replay succeeded, so that the mark can go.
  virtual void turn_replayed(const schema::Entry::Reader& entry) = 0;
  /// Puts everything the block's turns changed into the commit.
  virtual void write_state(storage::Commit& commit) = 0;
  /// After the block's commit is in the store.
  virtual void committed() {}
  /// The newest rule set that the turns know.
  virtual core::RuleSet newest_rule_set() const { return core::newest_rule_set; }
  /// Fills and reads the counters of the meta record that belong to the kind of partition.
  virtual void write_meta(schema::MetaRecord::Builder) const {}
  virtual void read_meta(schema::MetaRecord::Reader) {}

  /// Sends a message to a partition, with the commit of the block; what a failed turn has sent does
  /// not leave.
  void send(storage::PartitionId destination, capnp::MessageBuilder& message);
  /// Tells the participant that has sent the entry at `position`, when it has named itself:
  /// `record` makes the ParticipantMessageRecord. What a failed turn has told does not leave.
  /// Throws StoreFailure.
  template <class Record>
  void tell_sender(storage::Position position, Record&& record) {
    const core::ParticipantId participant = origin_of(position).participant;
    if (!participant.empty()) participants_.send(participant, turn_.position, record());
  }
  /// Whether the participant that has sent the entry of this turn has sent the one at `position`
  /// too; true when none is named. Throws StoreFailure.
  bool is_of_sender(storage::Position position) const {
    const core::ParticipantId sender = origin_of(turn_.position).participant;
    return sender.empty() || sender == origin_of(position).participant;
  }
  /// Tells the participants that have sent them, as tell_sender.
  void tell_senders(const std::vector<ContradictedEntry>& contradicted);
  /// Said by a turn that has left nothing which points to its entry, such as a repeat. Of a block
  /// with only such turns no record is kept.
  void leaves_nothing() { left_nothing_ = true; }
  /// Whether somebody waits for the reply of this turn.
  bool is_replied_to() const { return replies_.has_value(); }
  /// What the turn answers, when that is more than that it is accepted.
  void reply(Reply reply) { reply_ = std::move(reply); }
  /// Gives the entry of a dead letter its turn again, at the present position; the letter is
  /// removed when that succeeds.
  void replay_dead_letter(storage::Position dead, const TurnContext& context);
  storage::Store& store() { return store_; }
  const storage::Store& store() const { return store_; }
  const Identity& identity() const { return identity_; }
  /// When the entry at `position` was received. Throws StoreFailure when no block holds it.
  core::Instant received_at(storage::Position position) const;
  /// Whether two entries came in one delivery: from one sender, of one source. Where no source is
  /// named, every entry is a delivery of its own. Throws StoreFailure when no block holds one of
  /// them.
  bool of_one_delivery(storage::Position a, storage::Position b) const;
  /// The block in which the delivery of this turn began, when every block since is of it; nothing
  /// when that is not known: then `of_one_delivery` tells.
  std::optional<storage::BlockNumber> delivery_began() const { return delivery_.began(); }

 private:
  tl::expected<void, storage::Error> check_block(const storage::JournalBlock& block,
                                                 const storage::BlockView& view) const;
  tl::expected<void, storage::Error> take(const storage::BlockView& view,
                                          storage::BlockNumber block);
  /// Error: the partition cannot go on (StoreFailure).
  tl::expected<void, storage::Error> give_turns(const storage::BlockView& view,
                                                storage::BlockNumber block);
  void take_rule_set(core::RuleSet rules);
  /// Throws TurnFailure.
  void take_acknowledgement(schema::ParticipantTook::Reader took);
  void give_turn(kj::ArrayPtr<const capnp::word> bytes, const TurnContext& context);
  void add_reply(storage::Position position, Reply reply);
  std::optional<std::string> why_turn_stopped(const schema::Entry::Reader& entry,
                                              kj::ArrayPtr<const capnp::word> bytes,
                                              const TurnContext& context);
  void turn_stopped(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                    const std::string& reason, const TurnContext& context);
  void begin_again();
  /// Valid until the next call.
  const storage::BlockOrigin& origin_of(storage::Position position) const;
  tl::expected<void, storage::Error> load_meta();
  void put_meta(storage::Commit& commit) const;

  Identity identity_;
  storage::Store& store_;
  storage::BlockNumber block_ = 0;
  storage::JournalId journal_;  // that the state comes from
  std::uint64_t digest_ = 0;    // the journal's, at block_
  core::RuleSet rule_set_ = core::first_rule_set;
  DroppedBlocks dropped_;
  SenderMarks senders_;
  DeadLetters dead_letters_;
  Outbox outbox_;
  ParticipantOutbox participants_;
  mutable storage::Provenance provenance_;
  storage::BlockOrigin origin_;  // of the block being applied
  DeliveryAtHand delivery_;      // that it is of

  // -- of the block being applied, or awaiting a retry of its commit
  storage::Commit commit_;
  bool uncommitted_ = false;
  storage::BlockNumber commit_block_ = 0;
  std::map<std::uint32_t, std::string> stopped_half_way_;  // entries by index, and why
  std::optional<storage::SenderId> replied_sender_;
  std::optional<BlockReplies> replies_;  // of the block, when its sender wants them
  std::optional<Reply> reply_;           // of the turn, when it has said one
  std::size_t without_trace_ = 0;        // turns that have left nothing
  bool left_nothing_ = false;            // the turn has said so
  TurnContext turn_;
};

}  // namespace hhgrid::actors
