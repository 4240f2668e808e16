#include "app/feed.hpp"

#include <chrono>

namespace hhgrid::app {
namespace {

/// Durable appends wait for the disk: two threads keep it busy.
constexpr std::size_t sender_threads = 2;
constexpr std::size_t sender_bytes_max = std::size_t{16} << 20;

net::SessionOptions session_options(const actors::Grid& grid, Feed::Options options) {
  net::SessionOptions session;
  session.topology = grid.topology();
  session.block_entries_max = options.batch_entries;
  session.ends_sender = grid.delivers_once();
  session.clock = std::move(options.clock);
  session.maximum = options.maximum;
  return session;
}

}  // namespace

Feed::Feed(actors::Grid& grid, Options options)
    : sender_(
          [&grid](auto partition, auto block) { return grid.append(partition, std::move(block)); },
          sender_threads, sender_bytes_max),
      session_(session_options(grid, std::move(options)), [this](auto partition, auto block) {
        entries_.fetch_add(block.entry_count, std::memory_order_relaxed);
        return sender_.send(partition, std::move(block));
      }) {}

Feed::Options Feed::options_of(const config::Settings& settings) {
  Options options;
  options.batch_entries = settings.actors.batch_entries_max;
  const auto& limits = settings.consumption_limits;
  const auto wh = [](std::uint64_t value) { return static_cast<core::WattHours>(value); };
  options.maximum.by_connection = {wh(limits.whole_current_wh), wh(limits.low_voltage_wh),
                                   wh(limits.high_voltage_wh), wh(limits.extra_high_voltage_wh),
                                   wh(limits.unmetered_wh)};
  return options;
}

tl::expected<void, storage::Error> Feed::finish() {
  auto flushed = session_.finish();
  auto sent = sender_.finish();
  return flushed ? sent : flushed;
}

core::Instant Feed::whole_second() {
  const auto time = now().milliseconds;
  return {time - time % 1000};
}

}  // namespace hhgrid::app
