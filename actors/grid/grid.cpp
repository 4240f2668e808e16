#include "actors/grid/grid.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/grid/grid_impl.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/address.hpp"
#include "actors/host/message_codec.hpp"
#include "actors/host/messages.hpp"
#include "actors/host/virtual_actor.hpp"
#include "actors/query/inspector.hpp"
#include "storage/journal/lone_block.hpp"
#include "storage/store/key.hpp"
#include "storage/store/provenance.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::BlockNumber;
using storage::Errc;
using storage::Error;
using storage::PartitionId;

namespace {

constexpr auto drain_poll = std::chrono::milliseconds(1);
constexpr std::string_view grid_is_closing = "the grid is closing";

}  // namespace

Grid::Grid(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Grid::~Grid() { static_cast<void>(close()); }

tl::expected<void, Error> Grid::close() { return impl_->stop(); }

tl::expected<std::unique_ptr<Grid>, Error> Grid::open(caf::actor_system& system,
                                                      const GridOptions& options) {
  auto impl = std::make_unique<Impl>(system, options);
  if (auto done = impl->open(); !done) {
    static_cast<void>(impl->stop());
    return tl::unexpected(done.error());
  }
  return std::unique_ptr<Grid>(new Grid(std::move(impl)));
}

storage::Topology Grid::topology() const { return impl_->topology(); }
const core::SettlementCalendar& Grid::calendar() const { return impl_->calendar; }
const std::filesystem::path& Grid::directory() const { return impl_->options.directory; }
const storage::Store& Grid::store(PartitionId partition) const {
  return impl_->stores().at(partition);
}
storage::StoreSet Grid::stores() const { return impl_->stores(); }

// -- in -----------------------------------------------------------------------------------------

tl::expected<BlockNumber, Error> Grid::append(PartitionId partition, storage::Block block) {
  Progress& progress = *impl_->partitions.at(partition).progress;
  if (auto room = progress.wait_for_room(impl_->options.backlog_bytes_max); !room)
    return tl::unexpected(room.error());
  return impl_->journal->append(partition, std::move(block));
}

tl::expected<void, Error> Grid::append_all(
    std::span<const std::pair<PartitionId, storage::Block>> blocks) {
  for (const auto& [partition, block] : blocks) {
    Progress& progress = *impl_->partitions.at(partition).progress;
    if (auto room = progress.wait_for_room(impl_->options.backlog_bytes_max); !room)
      return tl::unexpected(room.error());
  }
  return impl_->journal->append_all(blocks).map([](const auto&) {});
}

tl::expected<SenderMark, Error> Grid::mark_of(PartitionId partition,
                                              const storage::SenderId& sender) const {
  const auto store = stores().find(partition);
  if (!store) return tl::unexpected(store.error());
  return *store == nullptr ? SenderMark() : read_sender_mark(**store, sender);
}

void Grid::stop_waiting() {
  impl_->closing = true;
  caf::anon_send(impl_->coordinator, halt_atom::value, std::string(grid_is_closing));
}

bool Grid::delivers_once() const { return impl_->journal->delivers_once(); }

bool Grid::Impl::is_quiet(std::vector<BlockNumber>& ends) const {
  ends.clear();
  for (const PartitionId id : topology().all()) {
    const Partition& partition = partitions[id];
    const BlockNumber end = journal->end(id);
    if (partition.progress->block() < end || partition.progress->on_the_way() != 0) return false;
    ends.push_back(end);
  }
  return true;
}

std::vector<BlockNumber> Grid::Impl::journal_ends() const {
  std::vector<BlockNumber> ends;
  for (const PartitionId id : topology().all()) ends.push_back(journal->end(id));
  return ends;
}

namespace {

/// Follows blocks from partition to partition while others go on appending: a hop is over once
/// every partition has applied what was in its journal at the hop's beginning, and has been seen
/// with nothing on its way since.
class Hops {
 public:
  explicit Hops(std::vector<BlockNumber> ends) { begin(std::move(ends)); }
  void look(std::size_t partition, const Progress& progress) {
    if (progress.block() >= ends_[partition] && progress.on_the_way() == 0) over_[partition] = true;
  }
  bool over() const { return std::find(over_.begin(), over_.end(), false) == over_.end(); }
  void begin(std::vector<BlockNumber> ends) {
    ends_ = std::move(ends);
    over_.assign(ends_.size(), false);
  }

 private:
  std::vector<BlockNumber> ends_;
  std::vector<bool> over_;
};

/// The closing of a day and a run go from the market to the others and back, twice at most.
constexpr int hops_max = 5;

}  // namespace

tl::expected<void, Error> Grid::drain() {
  // Quiet twice with the same ends: nothing was on the way from one partition to another in
  // between.
  std::vector<BlockNumber> before, now;
  Hops hops(impl_->journal_ends());
  int hop = 0;
  while (!impl_->is_quiet(before) || !impl_->is_quiet(now) || before != now) {
    if (impl_->closing) return tl::unexpected(Error{Errc::closed, std::string(grid_is_closing)});
    for (std::size_t i = 0; i < impl_->partitions.size(); ++i)
      hops.look(i, *impl_->partitions[i].progress);
    if (hops.over()) {
      if (++hop == hops_max) return {};
      hops.begin(impl_->journal_ends());
    }
    for (const auto& partition : impl_->partitions)
      if (const auto trouble = partition.progress->trouble()) return tl::unexpected(*trouble);
    impl_->partitions.front().progress->wait(drain_poll);
  }
  return {};
}

tl::expected<void, Error> Grid::checkpoint() {
  tl::expected<void, Error> done;
  impl_->for_each_open([&](PartitionId, const Impl::Partition& partition) {
    if (done) done = partition.store->flush(true);
  });
  return done;
}

// -- runs ---------------------------------------------------------------------------------------

tl::expected<RunOutcome, Error> Grid::run(core::SettlementDay day, core::SettlementCode code,
                                          core::Instant cutoff, core::Instant now,
                                          std::chrono::milliseconds timeout) {
  caf::scoped_actor self(impl_->system);
  tl::expected<RunOutcome, Error> outcome;
  self->request(impl_->coordinator, timeout, run_atom::value, RunOrder{day, code, cutoff, now})
      .receive(
          [&](RunOutcome& result) { outcome = std::move(result); },
          [&](const caf::error& e) {
            outcome = tl::unexpected(Error{
                Errc::closed,
                fmt::format(
                    "the run has not ended within {} ms; it goes on, `hhgrid runs` shows it ({})",
                    timeout.count(), impl_->system.render(e))});
          });
  if (outcome && outcome->status == run_stopped)
    return tl::unexpected(impl_->why_stopped(outcome->reason));
  if (outcome && outcome->run_number != 0) {
    const storage::Store::View view(store(topology().market()));
    if (auto run = read_run(view, outcome->run_number); run && *run)
      outcome->exceptions = exception_count(**run);
  }
  return outcome;
}

tl::expected<RunOutcome, Error> Grid::release(std::uint32_t run_number, core::Instant now) {
  {
    const storage::Store::View view(store(topology().market()));
    auto run = read_run(view, run_number);
    if (!run) return tl::unexpected(run.error());
    if (*run && was_released(**run))
      return RunOutcome{run_number, (*run)->id(), std::string(to_string((*run)->status)),
                        (*run)->reason, exception_count(**run)};
    if (!*run || (*run)->status != RunStatus::HELD)
      return tl::unexpected(
          Error{Errc::unknown, fmt::format("run number {} is not held", run_number)});
  }
  caf::scoped_actor self(impl_->system);
  tl::expected<RunOutcome, Error> outcome;
  self->request(impl_->coordinator, std::chrono::seconds(30), run_atom::value, run_number,
                now.milliseconds)
      .receive([&](RunOutcome& result) { outcome = std::move(result); },
               [&](const caf::error& e) {
                 outcome = tl::unexpected(Error{Errc::closed, impl_->system.render(e)});
               });
  if (outcome && outcome->status == run_stopped)
    return tl::unexpected(impl_->why_stopped(outcome->reason));
  return outcome;
}

tl::expected<DayClosing, Error> Grid::close_day(core::UtcDay day, core::Instant now) {
  const storage::Store& market = store(topology().market());
  const auto before = closing_of(market, day);
  if (!before) return tl::unexpected(before.error());
  if (*before && (*before)->complete) return **before;
  storage::EntryScratch scratch;
  storage::BlockBuilder block(now, "close-day");
  block.add(scratch.build([&](schema::Entry::Builder entry) {
    auto closed = entry.initDayClosed();
    closed.setUtcDay(day.value);
    write_shape_policy(impl_->options.shape, closed);
  }));
  const auto appended =
      append(topology().market(), storage::finish_lone_block(block, *impl_->journal));
  if (!appended) return tl::unexpected(appended.error());
  if (auto drained = drain(); !drained) return tl::unexpected(drained.error());
  const auto closing = closing_of(market, day);
  if (!closing) return tl::unexpected(closing.error());
  if (*closing && (*closing)->complete) return **closing;
  return tl::unexpected(
      Error{Errc::mismatch, *closing ? (*closing)->failure : "the day was not closed"});
}

/// The trouble of the partition that has stopped: it is known before the coordinator is told.
Error Grid::Impl::why_stopped(const std::string& reason) const {
  if (closing) return {Errc::closed, std::string(grid_is_closing)};
  for (const auto& partition : partitions)
    if (auto trouble = partition.progress->trouble(); trouble && !storage::may_pass(trouble->code))
      return *trouble;
  return {Errc::damaged, reason};
}

// -- actors -------------------------------------------------------------------------------------

namespace {

template <class Handle>
Handle handle_to(caf::actor_system& system, Hosts hosts, std::string address) {
  return caf::actor_cast<Handle>(make_virtual_actor(system, std::move(hosts), std::move(address)));
}

}  // namespace

MeterActor Grid::meter(core::Mpan mpan) {
  return handle_to<MeterActor>(impl_->system, impl_->hosts(), "meter/" + mpan.to_string());
}
GspGroupActor Grid::gsp_group(core::GspGroup gsp_group) {
  return handle_to<GspGroupActor>(impl_->system, impl_->hosts(), "gsp/" + gsp_group.to_string());
}
BmuActor Grid::bmu(const core::BmuId& bmu) {
  return handle_to<BmuActor>(impl_->system, impl_->hosts(), "bmu/" + bmu.to_string());
}
LoadShapeActor Grid::load_shape(const core::ShapeGroup& group) {
  return handle_to<LoadShapeActor>(impl_->system, impl_->hosts(), "shape/" + group.to_string());
}

core::Parsed<caf::actor> Grid::actor(const std::string& address) {
  return parse_address(address).map(
      [&](const Address&) { return make_virtual_actor(impl_->system, impl_->hosts(), address); });
}

tl::expected<std::string, Error> Grid::inspect(const std::string& address,
                                               std::optional<std::int32_t> day,
                                               std::chrono::milliseconds timeout) {
  const auto handle = actor(address);
  if (!handle) return tl::unexpected(Error{Errc::unknown, handle.error().text});
  caf::scoped_actor self(impl_->system);
  tl::expected<std::string, Error> description;
  const auto ok = [&](std::string& text) { description = std::move(text); };
  const auto failed = [&](const caf::error& e) {
    description = tl::unexpected(error_of(e).value_or(
        Error{Errc::unanswered, address + " does not answer: " + impl_->system.render(e)}));
  };
  if (day)
    self->request(*handle, timeout, inspect_atom::value, *day).receive(ok, failed);
  else
    self->request(*handle, timeout, inspect_atom::value).receive(ok, failed);
  return description;
}

std::vector<PartitionStatus> Grid::status() {
  std::vector<PartitionStatus> all;
  caf::scoped_actor self(impl_->system);
  for (const PartitionId id : topology().all()) {
    const Impl::Partition& partition = impl_->partitions[id];
    const bool has_taken = impl_->journal->end(id) != 0;
    if (!has_taken && topology().kind(id) == storage::PartitionKind::gsp_group) continue;
    if (!has_taken && impl_->can_wait(id)) {
      all.push_back(impl_->status_without_actor(id));
      continue;
    }
    self->request(partition.actor, caf::infinite, status_atom::value)
        .receive([&](PartitionStatus& status) { all.push_back(std::move(status)); },
                 [&](const caf::error& e) {
                   auto& status = all.emplace_back(impl_->status_without_actor(id));
                   if (status.trouble.empty())
                     status.trouble = "the partition has ended: " + impl_->system.render(e);
                 });
  }
  return all;
}

PartitionStatus Grid::Impl::status_without_actor(PartitionId id) const {
  const Partition& partition = partitions[id];
  PartitionStatus status;
  status.id = id;
  status.name = topology().name(id);
  status.kind = topology().kind(id);
  status.applied = partition.progress->block();
  status.journal_end = journal->end(id);
  const std::lock_guard lock(*partition.opening);
  if (partition.store) {
    status.durable = partition.store->durable_block();
    status.store_memory_bytes = partition.store->memory_bytes();
    status.disk_bytes = partition.store->disk_bytes();
  }
  if (const auto trouble = partition.progress->trouble()) status.trouble = trouble->text;
  return status;
}

// -- dead letters -------------------------------------------------------------------------------

tl::expected<std::vector<DeadLetter>, Error> Grid::dead_letters() {
  std::vector<DeadLetter> letters;
  for (const PartitionId id : topology().all()) {
    const auto store = impl_->find_store(id);
    if (!store) return tl::unexpected(store.error());
    if (*store == nullptr) continue;
    const auto visit = [&](std::string_view key, std::string_view value) {
      DeadLetter letter;
      letter.partition = id;
      letter.position = storage::KeyReader(key).position();
      const auto where =
          fmt::format("{} dead letter {}", (*store)->path().string(), to_string(letter.position));
      auto read = storage::read_record<schema::DeadLetterRecord>(value, where, [&](auto record) {
        letter.address = record.getAddress().cStr();
        letter.reason = record.getReason().cStr();
        letter.received_at.milliseconds = record.getReceivedAt();
        return true;
      });
      if (!read) letter.reason = read.error().text;
      letters.push_back(std::move(letter));
      return true;
    };
    if (auto scanned = (*store)->scan(storage::Family::dead_letter, {}, {}, visit); !scanned)
      return tl::unexpected(scanned.error());
  }
  return letters;
}

tl::expected<std::vector<DeadLetter>, Error> Grid::replay(const std::vector<DeadLetter>& letters,
                                                          core::Instant now) {
  for (const auto& letter : letters) {
    storage::EntryScratch scratch;
    storage::BlockBuilder block(now, "replay of dead letters");
    // Who has sent the letter's entry is told what is refused of it now.
    const storage::Store::View view(store(letter.partition));
    storage::Provenance provenance(view);
    const auto origin = provenance.of(letter.position);
    if (!origin) return tl::unexpected(origin.error());
    block.set_participant((*origin)->participant);
    block.add(scratch.build([&](schema::Entry::Builder entry) {
      entry.initDeadLetterReplay().setPosition(letter.position.number());
    }));
    if (auto appended =
            append(letter.partition, storage::finish_lone_block(block, *impl_->journal));
        !appended)
      return tl::unexpected(appended.error());
  }
  if (auto drained = drain(); !drained) return tl::unexpected(drained.error());
  auto there = dead_letters();
  if (!there) return there;
  std::vector<DeadLetter> still;
  for (const auto& dead : *there)
    for (const auto& letter : letters)
      if (dead.partition == letter.partition && dead.position == letter.position)
        still.push_back(dead);
  return still;
}

}  // namespace hhgrid::actors
