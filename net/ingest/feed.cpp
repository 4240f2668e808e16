#include "net/ingest/feed.hpp"

namespace hhgrid::net {
namespace {

/// Durable appends wait for the disk: two threads keep it busy.
constexpr std::size_t sender_threads = 2;
constexpr std::size_t waiting_bytes_max = std::size_t{16} << 20;  // a thread

}  // namespace

Feed::Feed(SessionOptions options, BlockSender::Append append)
    : sender_(std::move(append), sender_threads, waiting_bytes_max),
      session_(std::move(options), [this](storage::PartitionId partition, storage::Block block) {
        entries_.fetch_add(block.entry_count, std::memory_order_relaxed);
        return sender_.send(partition, std::move(block));
      }) {}

tl::expected<void, storage::Error> Feed::finish() {
  auto flushed = session_.finish();
  auto sent = sender_.finish();
  return flushed ? sent : flushed;
}

}  // namespace hhgrid::net
