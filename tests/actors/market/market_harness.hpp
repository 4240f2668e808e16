#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/record.hpp"
#include "tests/actors/market/market_entries.hpp"

namespace hhgrid::actors::market_test {

using test::ScratchDirectory;

/// A market partition over a real store, with the journal that made it.
class Market {
 public:
  explicit Market(std::filesystem::path path, storage::PartitionId partitions = 2)
      : path_(std::move(path)), partitions_(partitions) {
    open();
  }

  void open() {
    fold_.reset();
    store_.reset();
    storage::StoreOptions options;
    options.path = path_;
    options.memtable_bytes = 1 << 20;
    auto opened = storage::Store::open(options);
    if (!opened) throw std::runtime_error(opened.error().text);
    store_ = std::move(*opened);
    MarketFoldOptions fold_options{[this](const RunEvent& event) { events.push_back(event); }};
    fold_ = std::make_unique<MarketFold>(Fold::Identity{partitions_, partitions_}, *store_,
                                         calendar(), fold_options);
    if (auto loaded = fold_->load(); !loaded) throw std::runtime_error(loaded.error().text);
  }

  static const core::SettlementCalendar& calendar() {
    static const auto calendar = core::SettlementCalendar::europe_london();
    return calendar;
  }

  /// One block at the journal's end.
  void take(const std::vector<Entry>& entries, std::optional<storage::BlockId> id = std::nullopt) {
    storage::BlockBuilder builder({1'500'000'000'000 + static_cast<std::int64_t>(next_)}, "test");
    for (const Entry& one : entries) builder.add(one);
    apply({next_++, builder.finish(id ? *id : storage::BlockId{{1, 1}, ++sent_})});
  }
  void take(const Entry& one, std::optional<storage::BlockId> id = std::nullopt) {
    std::vector<Entry> entries;
    entries.push_back(storage::copy_words(one));
    take(entries, id);
  }
  void apply(const storage::JournalBlock& block) {
    journal.push_back(block);
    const auto applied = fold_->apply(block);
    ASSERT_TRUE(applied) << applied.error().text;
  }

  MarketFold& fold() { return *fold_; }
  storage::Store& store() { return *store_; }
  storage::Store::View view() const { return storage::Store::View(*store_); }

  RunInfo run(std::uint32_t number) const {
    const storage::Store::View view(*store_);
    return read_run(view, number).value().value();
  }

  /// Everything in the store.
  std::map<std::string, std::string> dump() const {
    std::map<std::string, std::string> all;
    for (int i = 0; i < storage::family_count; ++i) {
      const auto family = static_cast<storage::Family>(i);
      const auto scanned = store_->scan(family, {}, {}, [&](auto key, auto value) {
        all[std::to_string(i) + "/" + std::string(key)] = std::string(value);
        return true;
      });
      EXPECT_TRUE(scanned);
    }
    return all;
  }

  std::vector<storage::JournalBlock> journal;
  std::vector<RunEvent> events;

 private:
  std::filesystem::path path_;
  storage::PartitionId partitions_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<MarketFold> fold_;
  storage::BlockNumber next_ = 1;
  std::uint64_t sent_ = 0;
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
std::vector<Row> rows(const Market& market, std::uint32_t run,
                      tl::expected<void, storage::Error> (*each)(
                          const View&, std::uint32_t, const std::function<bool(const Row&)>&)) {
  std::vector<Row> found;
  const storage::Store::View view = market.view();
  const auto read = each(view, run, [&](const Row& row) {
    found.push_back(row);
    return true;
  });
  EXPECT_TRUE(read) << (read ? "" : read.error().text);
  return found;
}

}  // namespace hhgrid::actors::market_test
