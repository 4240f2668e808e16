#include "actors/host/progress.hpp"

namespace hhgrid::actors {

tl::expected<void, storage::Error> Progress::wait_for_room(std::size_t bytes_max) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return backlog_bytes_.load() < bytes_max || any_trouble(); });
  if (const auto& trouble = any_trouble()) return tl::unexpected(*trouble);
  return {};
}

const std::optional<storage::Error>& Progress::any_trouble() const {
  return trouble_ ? trouble_ : courier_trouble_;
}

void Progress::set_courier_trouble(std::optional<storage::Error> trouble) {
  {
    const std::lock_guard lock(mutex_);
    courier_trouble_ = std::move(trouble);
  }
  changed_.notify_all();
}

void Progress::appended(std::size_t bytes) { backlog_bytes_ += bytes; }

void Progress::applied(storage::BlockNumber block, std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    block_ = block;
    backlog_bytes_ -= bytes;
  }
  changed_.notify_all();
}

void Progress::sent(std::size_t blocks) { on_the_way_ += blocks; }

void Progress::delivered(std::size_t blocks) {
  {
    const std::lock_guard lock(mutex_);
    on_the_way_ -= blocks;
  }
  changed_.notify_all();
}

void Progress::set_trouble(std::string text, storage::Errc code) {
  {
    const std::lock_guard lock(mutex_);
    trouble_ = storage::Error{code, std::move(text)};
  }
  changed_.notify_all();
}

void Progress::clear_trouble() {
  {
    const std::lock_guard lock(mutex_);
    trouble_.reset();
  }
  changed_.notify_all();
}

std::optional<storage::Error> Progress::own_trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::optional<storage::Error> Progress::trouble() const {
  const std::lock_guard lock(mutex_);
  return any_trouble();
}

void Progress::wait(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most);
}

}  // namespace hhgrid::actors
