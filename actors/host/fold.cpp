#include "actors/host/fold.hpp"

#include <system_error>

#include <fmt/format.h>
#include <kj/exception.h>
#include <spdlog/spdlog.h>

#include "actors/host/prefetch.hpp"
#include "core/assertion.hpp"
#include "core/partitioning.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;
using storage::Position;

/// How many turns before its own an entry is announced: enough for memory to answer twice.
constexpr std::size_t turns_ahead = 16;

}  // namespace

void throw_read_error(const Error& error) { throw StoreFailure(error); }

Fold::Fold(Identity identity, storage::Store& store)
    : identity_(identity),
      store_(store),
      outbox_(identity.id),
      provenance_(store),
      commit_(store) {}
Fold::~Fold() = default;

// -- opening ------------------------------------------------------------------------------------

tl::expected<void, Error> Fold::load() {
  if (auto loaded = load_meta(); !loaded) return loaded;
  store_.loaded(block_);
  if (auto loaded = outbox_.load(store_); !loaded) return loaded;
  if (auto loaded = participants_.load(store_); !loaded) return loaded;
  if (auto loaded = dead_letters_.load(store_); !loaded) return loaded;
  return load_state();
}

tl::expected<void, Error> Fold::load_meta() {
  const std::string where = store_.path().string() + " meta";
  const auto bytes = store_.get(Family::meta, meta_key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return {};  // a new store
  auto read = storage::read_record<
      schema::MetaRecord>(**bytes, where, [&](auto meta) -> std::optional<Error> {
    const storage::Topology& topology = identity_.topology;
    if (meta.getPartition() != identity_.id ||
        meta.getPartitionCount() != topology.meter_partitions() ||
        meta.getKind() != static_cast<std::uint8_t>(topology.kind(identity_.id)))
      return Error{Errc::foreign,
                   fmt::format("{}: is partition {} of {}, expected partition {} of {}", where,
                               meta.getPartition(), meta.getPartitionCount(), identity_.id,
                               topology.meter_partitions())};
    const storage::GridId grid{meta.getGridIdHigh(), meta.getGridIdLow()};
    if (grid != identity_.grid)
      return Error{
          Errc::foreign,
          fmt::format(
              "{}: belongs to grid {:016x}{:016x}, the journal is of grid {:016x}{:016x}; put back "
              "the partition's own store",
              where, grid.high, grid.low, identity_.grid.high, identity_.grid.low)};
    if (meta.getRuleSet() > newest_rule_set())
      return Error{Errc::newer_format,
                   fmt::format("{}: folds by rule set {}, this program knows {} to {}", where,
                               meta.getRuleSet(), core::first_rule_set, newest_rule_set())};
    if (meta.getRuleSet() < core::first_rule_set)
      return Error{Errc::damaged, fmt::format("{}: folds by no rule set", where)};
    rule_set_ = meta.getRuleSet();
    block_ = meta.getBlock();
    journal_ = {meta.getJournalIdHigh(), meta.getJournalIdLow()};
    digest_ = meta.getDigest();
    dropped_ = {meta.getRepeatedBlocks(), meta.getEarlyBlocks()};
    read_meta(meta);
    return std::nullopt;
  });
  if (!read) return tl::unexpected(read.error());
  if (*read) return tl::unexpected(**read);
  return {};
}

tl::expected<void, Error> Fold::follow(const storage::Journal& journal) {
  const storage::JournalId identity = journal.identity();
  if (block_ == 0) {
    journal_ = identity;
    return {};
  }
  const std::string path = store_.path().string();
  if (journal_ != identity)
    return tl::unexpected(
        Error{Errc::foreign,
              fmt::format("{}: has read journal {:016x}{:016x}, and this is journal "
                          "{:016x}{:016x}; put back the journal that belongs to the store",
                          path, journal_.high, journal_.low, identity.high, identity.low)});
  const auto end = journal.end(identity_.id);
  if (block_ > end)
    return tl::unexpected(Error{
        Errc::damaged,
        fmt::format("{}: is at block {}, the journal ends at {}; the journal has lost blocks or "
                    "belongs to another time",
                    path, block_, end)});
  const auto digest = journal.digest(identity_.id, block_);
  if (!digest) return tl::unexpected(digest.error());
  if (*digest != digest_)
    return tl::unexpected(Error{
        Errc::damaged,
        fmt::format("{}: block {} of the journal is not the one that the store has read; journal "
                    "and store belong to different times",
                    path, block_)});
  return {};
}

// -- applying -----------------------------------------------------------------------------------

tl::expected<void, Error> Fold::check_block(const storage::JournalBlock& block,
                                            const storage::BlockView& view) const {
  const std::string path = store_.path().string();
  if (block.number != block_ + 1)
    return tl::unexpected(
        Error{Errc::damaged,
              fmt::format("{}: the journal goes on with block {}, expected {}; blocks are missing",
                          path, block.number, block_ + 1)});
  if (const auto& error = view.error())
    return tl::unexpected(
        Error{error->code, fmt::format("{}: block {}: {}", path, block.number, error->text)});
  if (view.entries().size() != block.block.entry_count)
    return tl::unexpected(Error{
        Errc::damaged, fmt::format("{}: block {} holds {} entries, announced were {}", path,
                                   block.number, view.entries().size(), block.block.entry_count)});
  return {};
}

tl::expected<void, Error> Fold::apply(const storage::JournalBlock& block) {
  if (block.number <= block_) return {};
  const storage::BlockView view(block.block);
  if (auto checked = check_block(block, view); !checked) return checked;
  HHGRID_ASSERT(!uncommitted_, identity_.id, block.number, commit_block_);
  commit_.clear();
  commit_block_ = block.number;
  const auto turn = senders_.turn_of(view.id(), store_);
  if (!turn) return tl::unexpected(turn.error());
  if (*turn == SenderMarks::Turn::next) {
    if (auto taken = take(view, block.number); !taken) return taken;
  } else {
    ++(*turn == SenderMarks::Turn::repeat ? dropped_.repeated : dropped_.early);
  }
  block_ = block.number;
  digest_ = block.digest;
  outbox_.write(view.received_at(), commit_);
  participants_.write(commit_);
  write_state(commit_);
  put_meta(commit_);
  uncommitted_ = true;
  return retry_commit();
}

tl::expected<void, Error> Fold::take(const storage::BlockView& view, storage::BlockNumber block) {
  stopped_half_way_.clear();
  dead_letters_.begin_block();
  without_trace_ = 0;
  origin_ = {view.received_at(), static_cast<std::uint32_t>(view.entries().size()),
             std::string(view.source()), view.id().sender, view.participant()};
  delivery_.take(view.id(), origin_.source, block);
  replies_.reset();
  if (replied_sender_ && *replied_sender_ == view.id().sender)
    replies_ = BlockReplies{id(), view.id().n, {}};
  if (auto given = give_turns(view, block); !given) return given;
  senders_.taken(view.id(), view.number(), view.ends_sender(), commit_);
  if (view.entries().size() > without_trace_)
    commit_.put(Family::block, storage::block_key(block), storage::block_record(origin_));
  return {};
}

tl::expected<void, Error> Fold::retry_commit() {
  if (!uncommitted_) return {};
  if (auto written = store_.commit(commit_, commit_block_); !written) return written;
  uncommitted_ = false;
  dead_letters_.committed();
  outbox_.committed();
  committed();
  return {};
}

tl::expected<void, Error> Fold::forget_delivered() {
  if (uncommitted_ || !outbox_.has_delivered()) return {};
  commit_.clear();
  outbox_.forget_delivered(commit_);
  return store_.commit(commit_, block_);
}

/// A store that cannot be read and lack of memory stop the partition: no entry is to blame.
tl::expected<void, Error> Fold::give_turns(const storage::BlockView& view,
                                           storage::BlockNumber block) {
  const auto& entries = view.entries();
  try {
    for (std::size_t i = 0; i < entries.size();) {
      const std::size_t stopped = stopped_half_way_.size();
      if (i + 2 * turns_ahead < entries.size()) {
        const auto& bytes = entries[i + 2 * turns_ahead];
        prefetch_message(bytes.begin(), bytes.size() * sizeof(capnp::word));
      }
      if (i + turns_ahead < entries.size()) expect(entries[i + turns_ahead]);
      give_turn(entries[i], TurnContext{{block, static_cast<std::uint32_t>(i)},
                                        view.received_at(),
                                        view.id().sender,
                                        rule_set_});
      i = stopped_half_way_.size() == stopped ? i + 1 : 0;
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
  storage::EntryView view(bytes);
  const auto entry = view.entry();
  if (!entry && entry.error().code == Errc::newer_format) throw StoreFailure(entry.error());
  if (!entry) {
    dead_letters_.bury(context.position, bytes, fmt::format("partition/{}", id()),
                       entry.error().text, context.received_at, commit_);
    return add_reply(context.position, {Reply::Kind::failed, {}, {}, entry.error().text});
  }
  const std::uint32_t index = context.position.index();
  if (const auto known = stopped_half_way_.find(index); known != stopped_half_way_.end())
    return turn_stopped(*entry, bytes, known->second, context);
  left_nothing_ = false;
  reply_.reset();
  if (entry->isRuleSet()) return take_rule_set(entry->getRuleSet());
  auto reason = why_turn_stopped(*entry, bytes, context);
  if (!reason) {
    without_trace_ += left_nothing_;
    const auto kind = left_nothing_ ? Reply::Kind::unchanged : Reply::Kind::accepted;
    return add_reply(context.position, reply_.value_or(Reply{kind, {}, {}, {}}));
  }
  if (!may_stop_half_way(*entry)) return turn_stopped(*entry, bytes, *reason, context);
  stopped_half_way_.emplace(index, std::move(*reason));
  begin_again();
}

/// What a newer program has to fold by stops this one: it must not go on by other rules.
void Fold::take_rule_set(core::RuleSet rules) {
  if (rules < core::first_rule_set || rules > newest_rule_set())
    throw StoreFailure(
        {Errc::newer_format,
         fmt::format("{}: the journal asks for rule set {}, this program folds {} to "
                     "{}; use a newer program",
                     store_.path().string(), rules, core::first_rule_set, newest_rule_set())});
  without_trace_ += rules == rule_set_;
  rule_set_ = rules;
}

/// Undoes everything that the block has done so far.
void Fold::begin_again() {
  commit_.clear();
  outbox_.take_back_all();
  dead_letters_.take_back_all();
  without_trace_ = 0;
  if (replies_) replies_->replies.clear();
  forget_state();
  for (const auto step : {&Fold::load_meta, &Fold::load_state})
    if (auto loaded = (this->*step)(); !loaded) throw StoreFailure(loaded.error());
  if (auto loaded = participants_.load(store_); !loaded) throw StoreFailure(loaded.error());
}

void Fold::take_acknowledgement(schema::ParticipantTook::Reader took) {
  const auto participant = core::ParticipantId::parse(took.getParticipant().cStr());
  if (!participant) throw TurnFailure(participant.error().text);
  participants_.taken(*participant, {Position::from_number(took.getPosition()), took.getN()},
                      store_);
  leaves_nothing();
}

/// Gives the turn; nothing when it came to its end. Throws StoreFailure and std::bad_alloc.
std::optional<std::string> Fold::why_turn_stopped(const schema::Entry::Reader& entry,
                                                  kj::ArrayPtr<const capnp::word> bytes,
                                                  const TurnContext& context) {
  try {
    if (entry.isParticipantTook())
      take_acknowledgement(entry.getParticipantTook());
    else
      turn(entry, bytes, context);
    return std::nullopt;
  } catch (const StoreFailure&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::system_error& e) {
    throw StoreFailure({Errc::io, store_.path().string() + ": " + e.what()});
  } catch (const core::BrokenInvariant& broken) {
    spdlog::error("partition {}, entry {}: {}", id(), to_string(context.position), broken.what());
    return broken.finding();  // the place is the program's, and the letter is state
  } catch (const kj::Exception& e) {
    return e.getDescription().cStr();
  } catch (const std::exception& e) {
    return e.what();
  }
}

void Fold::turn_stopped(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                        const std::string& reason, const TurnContext& context) {
  outbox_.take_back(context.position);
  participants_.take_back(context.position);
  // The letter that a replay was of is still there; a run learns at once that it is refused.
  if (!entry.isDeadLetterReplay() && !answers_failure(entry, reason))
    dead_letters_.bury(context.position, bytes, address_of(entry), reason, context.received_at,
                       commit_);
  turn_failed(entry, context);
  add_reply(context.position, {Reply::Kind::failed, {}, {}, reason});
}

void Fold::add_reply(Position position, Reply reply) {
  if (!replies_) return;
  reply.position = position;
  replies_->replies.push_back(std::move(reply));
}

void Fold::replay_dead_letter(Position dead, const TurnContext& context) {
  const auto bytes = dead_letters_.take(dead, store_);
  storage::EntryView view(bytes);
  const auto entry = view.entry();
  if (!entry) throw TurnFailure(entry.error().text);
  if (entry->isDeadLetterReplay()) throw TurnFailure("a replay is not replayed");
  turn(*entry, bytes, context);
  turn_replayed(*entry);
  dead_letters_.replayed(dead, commit_);
}

void Fold::send(storage::PartitionId destination, capnp::MessageBuilder& message) {
  auto root = message.getRoot<schema::Entry>().asReader();
  outbox_.send(turn_.position, destination,
               std::make_shared<const kj::Array<capnp::word>>(capnp::canonicalize(root)));
}

void Fold::tell_senders(const std::vector<ContradictedEntry>& contradicted) {
  for (const auto& entry : contradicted)
    tell_sender(entry.position, [&] { return participant_message_record(entry); });
}

core::Instant Fold::received_at(Position position) const {
  if (position.block() == turn_.position.block()) return turn_.received_at;
  return origin_of(position).received_at;
}

const storage::BlockOrigin& Fold::origin_of(Position position) const {
  if (position.block() == turn_.position.block()) return origin_;
  const auto origin = provenance_.of(position);
  if (!origin) throw StoreFailure(origin.error());
  return **origin;
}

bool Fold::of_one_delivery(Position a, Position b) const {
  if (const auto began = delivery_.began(); began && b == turn_.position)
    return a.block() >= *began;
  if (a.block() == b.block()) return !origin_of(a).source.empty();
  const storage::BlockOrigin of_a = origin_of(a);
  const storage::BlockOrigin& of_b = origin_of(b);
  return !of_a.source.empty() && of_a.sender == of_b.sender && of_a.source == of_b.source;
}

void Fold::put_meta(storage::Commit& commit) const {
  storage::RecordBuilder<schema::MetaRecord> meta;
  meta->setPartition(identity_.id);
  meta->setPartitionCount(identity_.topology.meter_partitions());
  meta->setKind(static_cast<std::uint8_t>(identity_.topology.kind(identity_.id)));
  meta->setGridIdHigh(identity_.grid.high);
  meta->setGridIdLow(identity_.grid.low);
  meta->setBlock(block_);
  meta->setJournalIdHigh(journal_.high);
  meta->setJournalIdLow(journal_.low);
  meta->setDigest(digest_);
  meta->setRuleSet(rule_set_);
  meta->setRepeatedBlocks(dropped_.repeated);
  meta->setEarlyBlocks(dropped_.early);
  write_meta(*meta);
  commit.put(Family::meta, meta_key, meta.bytes());
}

}  // namespace hhgrid::actors
