#include "net/ingest/block_sender.hpp"

namespace hhgrid::net {
namespace {

std::size_t bytes_of(const storage::Block& block) { return block.words->asBytes().size(); }

}  // namespace

BlockSender::BlockSender(Append append, std::size_t threads, std::size_t bytes_max)
    : append_(std::move(append)), bytes_max_(bytes_max), lanes_(threads) {
  for (auto& lane : lanes_) threads_.emplace_back([this, &lane] { work(lane); });
}

BlockSender::~BlockSender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

tl::expected<void, storage::Error> BlockSender::send(storage::PartitionId partition,
                                                     storage::Block block) {
  Lane& lane = lanes_[partition % lanes_.size()];
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return error_ || lane.bytes < bytes_max_; });
  if (error_) return outcome();
  lane.bytes += bytes_of(block);
  lane.blocks.emplace_back(partition, std::move(block));
  changed_.notify_all();
  return {};
}

tl::expected<void, storage::Error> BlockSender::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    for (const auto& lane : lanes_)
      if (lane.busy || (!error_ && !lane.blocks.empty())) return false;
    return true;
  });
  return outcome();
}

tl::expected<void, storage::Error> BlockSender::outcome() const {
  if (error_) return tl::unexpected(*error_);
  return {};
}

void BlockSender::work(Lane& lane) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || error_ || !lane.blocks.empty(); });
    if (error_ || lane.blocks.empty()) return;
    auto [partition, block] = std::move(lane.blocks.front());
    lane.blocks.pop_front();
    lane.busy = true;
    lock.unlock();
    const std::size_t bytes = bytes_of(block);
    const auto appended = append_(partition, std::move(block));
    lock.lock();
    lane.busy = false;
    lane.bytes -= bytes;
    if (!appended && !error_) error_ = appended.error();
    changed_.notify_all();
  }
}

}  // namespace hhgrid::net
