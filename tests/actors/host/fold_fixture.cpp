#include "tests/actors/host/fold_fixture.hpp"

#include <stdexcept>
#include <utility>

#include "actors/gsp/run_results_write.hpp"
#include "core/partitioning.hpp"
#include "storage/wire/block_builder.hpp"

namespace hhgrid::actors::test {
namespace {

constexpr storage::SenderId test_sender{1, 1};

template <class T>
void require(const tl::expected<T, storage::Error>& result) {
  if (!result) throw std::runtime_error(result.error().text);
}

}  // namespace

FoldGrid::FoldGrid(storage::PartitionId partitions, core::ShapePolicy shape,
                   MeterFoldOptions options)
    : partitions_(partitions),
      shape_(std::move(shape)),
      options_(std::move(options)),
      ends_(partitions + 1u, 0),
      appended_(partitions + 1u, 0),
      outboxes_(partitions + 1u) {
  open();
}

const core::SettlementCalendar& FoldGrid::calendar() {
  static const auto calendar = core::SettlementCalendar::europe_london();
  return calendar;
}

void FoldGrid::open() {
  for (storage::PartitionId p = 0; p <= partitions_; ++p) {
    storage::StoreOptions options;
    options.path = directory_.path() / std::to_string(p);
    options.memtable_bytes = 1 << 20;
    auto store = storage::Store::open(options);
    require(store);
    stores_.push_back(std::move(*store));
    const Fold::Identity identity{p, partitions_};
    if (p < partitions_)
      folds_.push_back(
          std::make_unique<MeterFold>(identity, *stores_.back(), calendar(), options_));
    else
      folds_.push_back(
          std::make_unique<MarketFold>(identity, *stores_.back(), calendar(), MarketFoldOptions{}));
    require(folds_.back()->load());
  }
}

void FoldGrid::reopen() {
  for (auto& store : stores_) require(store->flush(true));
  folds_.clear();
  stores_.clear();
  for (auto& outbox : outboxes_) outbox.clear();
  open();
  // What was delivered, but not yet forgotten by a commit, comes again: receivers drop it.
}

void FoldGrid::append(storage::PartitionId partition, core::Instant received_at,
                      const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  storage::BlockBuilder builder(received_at, "test");
  for (const Entry& entry : entries) builder.add(entry);
  const storage::BlockNumber number = ++ends_[partition];
  require(
      folds_.at(partition)->apply({number, builder.finish({test_sender, ++appended_[partition]})}));
}

void FoldGrid::append(storage::PartitionId partition, core::Instant received_at, Entry entry) {
  std::vector<Entry> entries;
  entries.push_back(std::move(entry));
  append(partition, received_at, entries);
}

void FoldGrid::append(core::Mpan mpan, core::Instant received_at, Entry entry) {
  append(owner(mpan), received_at, std::move(entry));
}

storage::PartitionId FoldGrid::owner(core::Mpan mpan) const {
  return core::meter_partition(mpan, partitions_);
}

// -- messages
// ---------------------------------------------------------------------------------------

std::size_t FoldGrid::senders_waiting() {
  std::size_t waiting = 0;
  for (std::size_t p = 0; p < folds_.size(); ++p) {
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
    require(folds_.at(sent.destination)->apply({++ends_[sent.destination], sent.block}));
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
  const storage::Store::View view(*stores_.back());
  auto run = read_run(view, number);
  require(run);
  return run->value();
}

// -- stores
// -----------------------------------------------------------------------------------------

std::vector<const storage::Store*> FoldGrid::stores() const {
  std::vector<const storage::Store*> all;
  for (const auto& store : stores_) all.push_back(store.get());
  return all;
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
  require(stores_.at(partition)->scan_prefix(family, prefix,
                                             [&](std::string_view key, std::string_view value) {
                                               found.emplace(key, value);
                                               return true;
                                             }));
  return found;
}

}  // namespace hhgrid::actors::test
