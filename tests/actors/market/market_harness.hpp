#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/gsp/gsp_fold.hpp"
#include "core/calendar.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/record.hpp"
#include "tests/actors/market/market_entries.hpp"

namespace hhgrid::actors::market_test {

using test::ScratchDirectory;

/// A market partition and the partitions of the GSP Groups over real stores, with the journal that
/// made them. What they send each other is delivered at once; what goes to meter partitions is kept
/// in `sent`: the test answers for them.
class Market {
 public:
  explicit Market(std::filesystem::path path, storage::PartitionId partitions = 2)
      : path_(std::move(path)), topology_(partitions) {
    open(topology_.market());
  }

  /// Closes and opens everything.
  void open() {
    for (auto& [id, partition] : partitions_) {
      partition.fold.reset();
      partition.store.reset();
    }
    for (auto& [id, partition] : partitions_) open(id);
  }

  static const core::SettlementCalendar& calendar() {
    static const auto calendar = core::SettlementCalendar::europe_london();
    return calendar;
  }

  /// One block at the end of each journal that the entries belong to: Group Takes to their groups,
  /// the others to the market.
  void take(const std::vector<Entry>& entries, std::optional<storage::BlockId> id = std::nullopt) {
    std::map<storage::PartitionId, std::vector<Entry>> by_partition;
    for (const Entry& one : entries)
      by_partition[partition_of(one)].push_back(storage::copy_words(one));
    for (const auto& [partition, of_partition] : by_partition) append(partition, of_partition, id);
    route();
  }
  void take(const Entry& one, std::optional<storage::BlockId> id = std::nullopt) {
    std::vector<Entry> entries;
    entries.push_back(storage::copy_words(one));
    take(entries, id);
  }
  /// Gives a partition a block that may be a repeat; nothing is delivered.
  using Journal = std::vector<std::pair<storage::PartitionId, storage::JournalBlock>>;
  void apply(const Journal::value_type& block) {
    const auto applied = partition(block.first).fold->apply(block.second);
    if (!applied && may_stop == block.first) {
      stopped = applied.error();
      return;
    }
    ASSERT_TRUE(applied) << applied.error().text;
  }

  MarketFold& fold() { return static_cast<MarketFold&>(*partition(topology_.market()).fold); }
  storage::Store& store() { return *partition(topology_.market()).store; }
  storage::Store::View view() { return storage::Store::View(store()); }
  /// Of the GSP Group _C.
  storage::Store& group_store() { return *partition(topology_.of(group_c)).store; }
  storage::Store::View group_view() { return storage::Store::View(group_store()); }
  Fold& group_fold() { return *partition(topology_.of(group_c)).fold; }

  RunInfo run(std::uint32_t number) {
    const storage::Store::View view(store());
    return read_run(view, number).value().value();
  }

  /// Everything in the stores, but what was on its way.
  std::map<std::string, std::string> dump() const {
    std::map<std::string, std::string> all;
    for (const auto& one : partitions_)
      for (int i = 0; i < storage::family_count; ++i) {
        const auto family = static_cast<storage::Family>(i);
        const auto scanned = one.second.store->scan(family, {}, {}, [&](auto key, auto value) {
          all[std::to_string(one.first) + "/" + std::to_string(i) + "/" + std::string(key)] =
              std::string(value);
          return true;
        });
        EXPECT_TRUE(scanned);
      }
    return all;
  }

  Journal journal;
  std::optional<std::string> source;  ///< Of the blocks taken; none: every one is a delivery.
  std::optional<storage::PartitionId> may_stop;  ///< A partition that a test has damaged.
  std::optional<storage::Error> stopped;         ///< What stopped it.
  std::vector<RunEvent> events;
  std::vector<OutboxBlock> sent;  ///< To meter partitions.

 private:
  struct Partition {
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<Fold> fold;
    storage::BlockNumber end = 0;
    std::uint64_t appended = 0;  // blocks of the test's own sender
    std::set<std::pair<storage::PartitionId, std::uint64_t>> routed;  // destination and n
  };

  void open(storage::PartitionId id) {
    Partition& partition = partitions_[id];
    storage::StoreOptions options;
    options.path = path_ / std::to_string(id);
    options.memtable_bytes = 1 << 20;
    auto opened = storage::Store::open(options);
    if (!opened) throw std::runtime_error(opened.error().text);
    partition.store = std::move(*opened);
    const Fold::Identity identity{id, topology_, {}};
    if (id == topology_.market()) {
      MarketFoldOptions fold_options{[this](const RunEvent& event) { events.push_back(event); }};
      partition.fold = std::make_unique<MarketFold>(identity, *partition.store, calendar(),
                                                    std::move(fold_options));
    } else {
      partition.fold = std::make_unique<GspFold>(identity, *partition.store, calendar());
    }
    if (auto loaded = partition.fold->load(); !loaded)
      throw std::runtime_error(loaded.error().text);
  }

  Partition& partition(storage::PartitionId id) {
    if (!partitions_.contains(id)) open(id);
    return partitions_[id];
  }

  storage::PartitionId partition_of(const Entry& words) const {
    storage::EntryView view(words);
    const auto entry = view.entry().value();
    if (!entry.isGroupTake()) return topology_.market();
    return topology_.of(storage::decode_group_take(entry).value().gsp_group);
  }

  void append(storage::PartitionId id, const std::vector<Entry>& entries,
              std::optional<storage::BlockId> block_id) {
    Partition& to = partition(id);
    storage::BlockBuilder builder({1'500'000'000'000 + static_cast<std::int64_t>(to.end + 1)},
                                  source.value_or("test " + std::to_string(to.end + 1)));
    for (const Entry& one : entries) builder.add(one);
    append(id, builder.finish(block_id ? *block_id : storage::BlockId{{1, 1}, ++to.appended}));
  }

  void append(storage::PartitionId id, storage::Block block) {
    journal.emplace_back(id, storage::JournalBlock{++partition(id).end, std::move(block)});
    apply(journal.back());
  }

  /// Until nobody has anything to send to market or groups.
  void route() {
    std::deque<OutboxBlock> waiting;
    const auto collect = [&] {
      for (auto& [id, partition] : partitions_)
        for (auto& block : partition.fold->take_outbox()) {
          if (!partition.routed.emplace(block.destination, block.n).second) continue;
          if (topology_.kind(block.destination) == storage::PartitionKind::meters)
            sent.push_back(std::move(block));
          else
            waiting.push_back(std::move(block));
        }
    };
    for (collect(); !waiting.empty(); collect()) {
      const OutboxBlock block = std::move(waiting.front());
      waiting.pop_front();
      append(block.destination, block.block);
    }
  }

  std::filesystem::path path_;
  storage::Topology topology_;
  std::map<storage::PartitionId, Partition> partitions_;
};

/// The keys whose values differ, in readable form; empty when the stores hold the same.
inline std::vector<std::string> differences(const Market& a, const Market& b) {
  const auto first = a.dump(), second = b.dump();
  std::vector<std::string> keys;
  for (const auto& [key, value] : first)
    if (const auto other = second.find(key); other == second.end() || other->second != value)
      keys.push_back(storage::printable_key(key));
  for (const auto& [key, value] : second)
    if (!first.contains(key)) keys.push_back(storage::printable_key(key));
  return keys;
}

/// The whole of a run of the winter day, one block a message.
inline void settle_winter_day(Market& market) {
  market.take(standing_entries());
  market.take(run_request(winter_day));
  for (const storage::PartitionId p : {0, 1}) market.take(run_sums(sums_of_partition(p)));
  for (const storage::PartitionId p : {0, 1}) market.take(run_defaults(defaults_of_partition(p)));
}

template <class Row>
using EachRow = tl::expected<void, storage::Error> (*)(const View&, std::uint32_t,
                                                       const std::function<bool(const Row&)>&);

template <class Row>
std::vector<Row> rows(const View& view, std::uint32_t run, EachRow<Row> each) {
  std::vector<Row> found;
  const auto read = each(view, run, [&](const Row& row) {
    found.push_back(row);
    return true;
  });
  EXPECT_TRUE(read) << (read ? "" : read.error().text);
  return found;
}

/// Results in the partition of the GSP Group _C.
template <class Row>
std::vector<Row> group_rows(Market& market, std::uint32_t run, EachRow<Row> each) {
  return rows<Row>(market.group_view(), run, each);
}

inline std::vector<BmuVolumeRow> bmu_volumes(Market& market, std::uint32_t run) {
  std::vector<BmuVolumeRow> found;
  const auto read = for_each_bmu_volume(market.group_view(), market.run(run), group_c,
                                        [&](const BmuVolumeRow& row) {
                                          found.push_back(row);
                                          return true;
                                        });
  EXPECT_TRUE(read) << (read ? "" : read.error().text);
  return found;
}

}  // namespace hhgrid::actors::market_test
