#include "tests/actors/host/fold_fixture.hpp"

#include <stdexcept>
#include <utility>

#include "actors/gsp/run_results_write.hpp"
#include "storage/wire/block_builder.hpp"

namespace hhgrid::actors::test {
namespace {

template <class T>
void require(const tl::expected<T, storage::Error>& result) {
  if (!result) throw std::runtime_error(result.error().text);
}

}  // namespace

FoldGrid::FoldGrid(storage::PartitionId partitions, core::ShapePolicy shape,
                   MeterFoldOptions options)
    : topology_(partitions),
      shape_(std::move(shape)),
      options_(std::move(options)),
      stores_(topology_.count()),
      folds_(topology_.count()),
      ends_(topology_.count(), 0),
      outboxes_(topology_.count()) {
  for (storage::PartitionId p = 0; p <= market(); ++p) open(p);
}

const core::SettlementCalendar& FoldGrid::calendar() {
  static const auto calendar = core::SettlementCalendar::europe_london();
  return calendar;
}

void FoldGrid::open(storage::PartitionId p) {
  storage::StoreOptions options;
  options.path = directory_.path() / std::to_string(p);
  options.memtable_bytes = 1 << 20;
  auto store = storage::Store::open(options);
  require(store);
  stores_[p] = std::move(*store);
  const Fold::Identity identity{p, topology_, {}};
  switch (topology_.kind(p)) {
    case storage::PartitionKind::meters:
      folds_[p] = std::make_unique<MeterFold>(identity, *stores_[p], calendar(), options_);
      break;
    case storage::PartitionKind::market:
      folds_[p] =
          std::make_unique<MarketFold>(identity, *stores_[p], calendar(), MarketFoldOptions{});
      break;
    case storage::PartitionKind::gsp_group:
      folds_[p] = std::make_unique<GspFold>(identity, *stores_[p], calendar());
      break;
  }
  require(folds_[p]->load());
}

Fold& FoldGrid::fold(storage::PartitionId partition) {
  if (!folds_.at(partition)) open(partition);
  return *folds_[partition];
}

storage::Store& FoldGrid::store(storage::PartitionId partition) {
  if (!stores_.at(partition)) open(partition);
  return *stores_[partition];
}

storage::PartitionId FoldGrid::gsp_group(std::string_view group) const {
  return topology_.of(core::GspGroup::parse(group).value());
}

void FoldGrid::reopen() {
  for (const storage::PartitionId p : topology_.all()) {
    outboxes_[p].clear();
    if (!stores_[p]) continue;
    require(stores_[p]->flush(true));
    folds_[p].reset();
    stores_[p].reset();
    open(p);
  }
  // What was delivered, but not yet forgotten by a commit, comes again: receivers drop it.
}

namespace {

/// Where standing data go: Group Takes to their groups, the rest to the market.
storage::PartitionId partition_of(const Entry& words, storage::Topology topology) {
  storage::EntryView view(words);
  const auto entry = view.entry();
  require(entry);
  if (!entry->isGroupTake()) return topology.market();
  const auto take = storage::decode_group_take(*entry);
  require(take);
  return topology.of(take->gsp_group);
}

}  // namespace

void FoldGrid::append_standing(core::Instant received_at, const std::vector<Entry>& entries) {
  std::map<storage::PartitionId, std::vector<Entry>> by_partition;
  for (const Entry& entry : entries)
    by_partition[partition_of(entry, topology_)].push_back(storage::copy_words(entry));
  for (const auto& [partition, of_partition] : by_partition)
    append(partition, received_at, of_partition);
}

void FoldGrid::append_standing(core::Instant received_at, Entry entry) {
  const auto partition = partition_of(entry, topology_);
  append(partition, received_at, std::move(entry));
}

void FoldGrid::append(storage::PartitionId partition, core::Instant received_at,
                      const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  storage::BlockBuilder builder(received_at, "test");
  builder.set_participant(participant_);
  for (const Entry& entry : entries) builder.add(entry);
  const storage::BlockNumber number = ++ends_[partition];
  const storage::BlockId id =
      delivery_ == 0 ? storage::BlockId{{1, ++appended_}, 1}
                     : storage::BlockId{{2, delivery_}, ++delivered_[{partition, delivery_}]};
  require(fold(partition).apply({number, builder.finish(id)}));
}

void FoldGrid::append(storage::PartitionId partition, core::Instant received_at, Entry entry) {
  std::vector<Entry> entries;
  entries.push_back(std::move(entry));
  append(partition, received_at, entries);
}

void FoldGrid::append(core::Mpan mpan, core::Instant received_at, Entry entry) {
  append(owner(mpan), received_at, std::move(entry));
}

storage::PartitionId FoldGrid::owner(core::Mpan mpan) const { return topology_.of(mpan); }

// -- messages
// ---------------------------------------------------------------------------------------

std::size_t FoldGrid::senders_waiting() {
  std::size_t waiting = 0;
  for (std::size_t p = 0; p < folds_.size(); ++p) {
    if (!folds_[p]) continue;
    for (auto& block : folds_[p]->take_outbox()) outboxes_[p].push_back(std::move(block));
    if (!outboxes_[p].empty()) ++waiting;
  }
  return waiting;
}

void FoldGrid::deliver_one(std::size_t n) {
  if (n >= senders_waiting()) throw std::logic_error("nobody has a message to send");
  for (std::size_t p = 0; p < folds_.size(); ++p) {
    if (outboxes_[p].empty() || n-- > 0) continue;
    const OutboxBlock sent = outboxes_[p].front();
    outboxes_[p].pop_front();
    require(fold(sent.destination).apply({++ends_[sent.destination], sent.block}));
    folds_[p]->delivered(sent.destination, sent.n);
    return;
  }
}

void FoldGrid::deliver() {
  while (senders_waiting() > 0) deliver_one();
}

std::uint32_t FoldGrid::request_run(core::SettlementDay day, core::Instant cutoff,
                                    core::Instant now) {
  storage::EntryScratch scratch;
  append(market(), now, storage::copy_words(scratch.build([&](schema::Entry::Builder entry) {
           auto request = entry.initRunRequest();
           request.setSettlementDay(day.value);
           request.setCode(static_cast<std::uint8_t>(core::SettlementCode::sf));
           request.setCutoff(cutoff.milliseconds);
           request.setRequestId(runs_ + 1000);
           write_policy({.shape = shape_}, request);
         })));
  return ++runs_;
}

RunInfo FoldGrid::run_info(std::uint32_t number) const {
  const storage::Store::View view(*stores_.at(market()));
  auto run = read_run(view, number);
  require(run);
  return run->value();
}

// -- stores
// -----------------------------------------------------------------------------------------

storage::StoreSet FoldGrid::stores() const {
  std::vector<const storage::Store*> all;
  for (const auto& store : stores_) all.push_back(store.get());
  return {topology_, std::move(all)};
}

void FoldGrid::tamper(storage::PartitionId partition, storage::Family family, std::string_view key,
                      std::string_view value) {
  storage::Commit commit(store(partition));
  commit.put(family, key, value);
  require(store(partition).commit(commit, ends_[partition]));
}

void FoldGrid::remove(storage::PartitionId partition, storage::Family family,
                      std::string_view key) {
  storage::Commit commit(store(partition));
  commit.erase(family, key);
  require(store(partition).commit(commit, ends_[partition]));
}

std::map<std::string, std::string> FoldGrid::records(storage::PartitionId partition,
                                                     storage::Family family,
                                                     std::string_view prefix) const {
  std::map<std::string, std::string> found;
  if (!stores_.at(partition)) return found;
  require(stores_.at(partition)->scan_prefix(family, prefix,
                                             [&](std::string_view key, std::string_view value) {
                                               found.emplace(key, value);
                                               return true;
                                             }));
  return found;
}

}  // namespace hhgrid::actors::test
