#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "actors/grid/grid.hpp"
#include "app/context.hpp"
#include "net/ingest/block_sender.hpp"
#include "net/ingest/ingest_session.hpp"

namespace hhgrid::app {

/// The way into a grid of this process: an ingestion session whose blocks are appended on other
/// threads. Use it from one thread; the counters may be read from any.
class Feed {
 public:
  struct Options {
    std::uint32_t batch_entries = 16384;                  ///< Entries per durable block, at most.
    std::function<core::Instant()> clock = whole_second;  ///< Stamps blocks.
    core::MaximumEnergy maximum;                          ///< Limits of ECS1012.
  };
  static Options options_of(const config::Settings& settings);
  Feed(actors::Grid& grid, Options options);

  net::IngestSession& session() { return session_; }
  /// Entries handed to the journal so far.
  std::uint64_t entries() const { return entries_.load(std::memory_order_relaxed); }
  /// Waits until everything added is durable.
  tl::expected<void, storage::Error> finish();

  /// The time now, cut to the second: an instant that is exported names the same versions again.
  static core::Instant whole_second();

 private:
  std::atomic<std::uint64_t> entries_ = 0;
  net::BlockSender sender_;
  net::IngestSession session_;
};

}  // namespace hhgrid::app
