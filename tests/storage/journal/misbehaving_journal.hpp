#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "storage/journal/journal.hpp"

namespace hhgrid::storage::test {

/// A home that does all that a home may do, around one that does not: blocks come a second time,
/// at once or later, or early and again in their turn; appends are slow; and it crashes between
/// storing a block and acknowledging it, and sends it again because it does not know. What it does
/// when follows from a seed.
class MisbehavingJournal final : public Journal {
 public:
  using Open = std::function<std::unique_ptr<Journal>()>;

  MisbehavingJournal(Open open, std::uint64_t seed)
      : open_(std::move(open)), random_(seed), inner_(open_()), worker_([this] { work(); }) {}
  ~MisbehavingJournal() override {
    {
      const std::lock_guard lock(waiting_mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    worker_.join();
  }

  JournalId identity() const override {
    return with_inner([](auto& j) { return j.identity(); });
  }
  bool delivers_once() const override { return false; }

  tl::expected<BlockNumber, Error> append(PartitionId partition, Block block) override {
    const std::lock_guard lock(mutex_);
    return append_one(partition, block);
  }
  tl::expected<std::vector<BlockNumber>, Error> append_all(
      std::span<const std::pair<PartitionId, Block>> blocks) override {
    const std::lock_guard lock(mutex_);
    std::vector<BlockNumber> numbers;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      // A later one overtakes this one, and comes again in its turn.
      if (i + 1 < blocks.size() && chance(4)) {
        const auto& [partition, block] = blocks[i + 1 + random_() % (blocks.size() - i - 1)];
        if (auto early = inner_->append(partition, block); !early)
          return tl::unexpected(early.error());
      }
      auto number = append_one(blocks[i].first, blocks[i].second);
      if (!number) return tl::unexpected(number.error());
      numbers.push_back(*number);
    }
    return numbers;
  }
  bool append_async(PartitionId partition, Block block, Done done) override {
    {
      const std::lock_guard lock(waiting_mutex_);
      if (waiting_.size() + busy_ >= credit) return false;
      waiting_.push_back({partition, std::move(block), std::move(done)});
    }
    wake_.notify_one();
    return true;
  }

  tl::expected<std::vector<JournalBlock>, Error> read(PartitionId partition, BlockNumber from,
                                                      std::size_t bytes_max) override {
    return with_inner([&](auto& j) { return j.read(partition, from, bytes_max); });
  }
  BlockNumber end(PartitionId partition) const override {
    return with_inner([&](auto& j) { return j.end(partition); });
  }
  tl::expected<std::uint64_t, Error> digest(PartitionId partition,
                                            BlockNumber block) const override {
    return with_inner([&](auto& j) { return j.digest(partition, block); });
  }
  tl::expected<void, Error> subscribe(PartitionId partition, BlockNumber from, Sink sink) override {
    const std::lock_guard lock(mutex_);
    subscribers_[partition] = {from, std::move(sink)};
    auto subscribed = subscribe_inner(partition);
    if (!subscribed) subscribers_.erase(partition);
    return subscribed;
  }
  void unsubscribe(PartitionId partition) override {
    const std::lock_guard lock(mutex_);
    inner_->unsubscribe(partition);
    subscribers_.erase(partition);
  }
  void release(PartitionId partition, BlockNumber applied) override {
    with_inner([&](auto& j) { j.release(partition, applied); });
  }

 private:
  static constexpr std::size_t credit = 8, remembered_max = 20;
  struct Subscriber {
    BlockNumber next = 1;
    Sink sink;
  };
  struct Waiting {
    PartitionId partition;
    Block block;
    Done done;
  };

  template <class Act>
  std::invoke_result_t<Act, Journal&> with_inner(Act&& act) const {
    const std::lock_guard lock(mutex_);
    return act(*inner_);
  }
  bool chance(std::uint64_t one_in) { return random_() % one_in == 0; }

  tl::expected<BlockNumber, Error> append_one(PartitionId partition, const Block& block) {
    auto& earlier = earlier_[partition];
    if (!earlier.empty() && chance(5))
      static_cast<void>(inner_->append(partition, earlier[random_() % earlier.size()]));
    auto number = inner_->append(partition, block);
    if (!number) return number;
    earlier.push_back(block);
    if (earlier.size() > remembered_max) earlier.pop_front();
    if (chance(8)) std::this_thread::sleep_for(std::chrono::microseconds(random_() % 500));
    const bool crashed = chance(20);
    if (crashed) crash();
    if (crashed || chance(5)) return inner_->append(partition, block);
    return number;
  }
  void crash() {
    inner_.reset();
    inner_ = open_();
    for (const auto& [partition, subscriber] : subscribers_)
      static_cast<void>(subscribe_inner(partition));
  }
  tl::expected<void, Error> subscribe_inner(PartitionId partition) {
    return inner_->subscribe(partition, subscribers_[partition].next,
                             [this, partition](JournalBlock block) {
                               Subscriber& subscriber = subscribers_[partition];
                               subscriber.next = block.number + 1;
                               subscriber.sink(std::move(block));
                             });
  }
  void work() {
    std::unique_lock lock(waiting_mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      busy_ = 1;
      lock.unlock();
      next.done(append(next.partition, std::move(next.block)));
      lock.lock();
      busy_ = 0;
    }
  }

  const Open open_;
  mutable std::recursive_mutex mutex_;  ///< Guards all down to the worker; sinks may ask.
  std::mt19937_64 random_;
  std::unique_ptr<Journal> inner_;
  std::map<PartitionId, std::deque<Block>> earlier_;
  std::map<PartitionId, Subscriber> subscribers_;

  std::mutex waiting_mutex_;  ///< Guards what follows.
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace hhgrid::storage::test
