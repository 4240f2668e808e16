#include "net/files/read_ahead.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace hhgrid::net {
namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t chunks_max = 8;

/// Invariant: the reader thread alone touches `source_`; everything else shared is guarded by
/// `mutex_`.
class ReadAhead : public ByteSource {
 public:
  explicit ReadAhead(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), thread_([this] { run(); }) {}

  ~ReadAhead() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    if (next_ == current_.size()) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !ready_.empty() || done_; });
      if (ready_.empty()) {
        if (error_) return tl::unexpected(*error_);
        return std::size_t{0};
      }
      current_ = std::move(ready_.front());
      ready_.pop_front();
      next_ = 0;
      changed_.notify_all();
    }
    const std::size_t count = std::min(out.size(), current_.size() - next_);
    std::memcpy(out.data(), current_.data() + next_, count);
    next_ += count;
    return count;
  }

 private:
  void run() {
    while (true) {
      std::vector<char> chunk(chunk_bytes);
      std::size_t filled = 0;
      std::optional<IngestError> error;
      while (filled < chunk.size()) {
        const auto count = source_->read(std::span(chunk).subspan(filled));
        if (!count) error = count.error();
        if (!count || *count == 0) break;
        filled += *count;
      }
      const bool last = filled < chunk.size();
      chunk.resize(filled);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ready_.size() < chunks_max || stop_; });
      if (filled > 0) ready_.push_back(std::move(chunk));
      error_ = error;
      done_ = last;
      changed_.notify_all();
      if (last || stop_) return;
    }
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<char> current_;  // of the consumer alone
  std::size_t next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<char>> ready_;
  std::optional<IngestError> error_;
  bool done_ = false, stop_ = false;
  std::thread thread_;  // last: it starts when everything else exists
};

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

}  // namespace hhgrid::net
