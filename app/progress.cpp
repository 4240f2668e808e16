#include "app/progress.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <fmt/format.h>

namespace hhgrid::app {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto bar_interval = std::chrono::milliseconds(200);
constexpr auto line_interval = std::chrono::seconds(5);
constexpr int bar_width = 28;

}  // namespace

Progress::Progress(const Terminal& terminal, bool enabled, std::function<State()> ask)
    : terminal_(terminal), ask_(std::move(ask)) {
  if (enabled) thread_ = std::thread([this] { work(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (terminal_.interactive()) terminal_.replace_line("");
}

void Progress::work() {
  const auto begun = Clock::now();
  std::unique_lock lock(mutex_);
  const auto interval =
      terminal_.interactive() ? Clock::duration(bar_interval) : Clock::duration(line_interval);
  while (!changed_.wait_for(lock, interval, [&] { return stopping_; })) {
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    const std::string text = line(ask_(), seconds);
    if (terminal_.interactive()) {
      terminal_.replace_line(text);
    } else {
      terminal_.write(text + "\n");
    }
  }
}

std::string Progress::line(const State& state, double seconds) const {
  std::string text = state.doing;
  if (state.fraction) {
    const double fraction = std::clamp(*state.fraction, 0.0, 1.0);
    if (terminal_.interactive()) {
      const int full = static_cast<int>(fraction * bar_width);
      text += " [";
      for (int i = 0; i < bar_width; ++i) text += i < full ? '#' : '.';
      text += ']';
    }
    text += fmt::format(" {:.0f} %", fraction * 100);
  }
  text += fmt::format(", {} {}", grouped(state.count), state.unit);
  if (state.rate)
    text += fmt::format(
        ", {}/s", grouped(static_cast<std::uint64_t>(static_cast<double>(state.count) / seconds)));
  if (state.fraction && *state.fraction > 0.02)
    text += ", " + duration_text(seconds / *state.fraction - seconds) + " left";
  return text;
}

FileReadProgress::FileReadProgress(const std::vector<fs::path>& paths) {
  const auto add = [this](const fs::path& path) {
    std::error_code error;
    const auto canonical = fs::canonical(path, error);
    if (error || !fs::is_regular_file(canonical, error)) return;
    File& file = files_[canonical.string()];
    file.size = fs::file_size(canonical, error);
    if (error) file.size = 0;
    total_ += file.size;
  };
  for (const auto& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      add(path);
      continue;
    }
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
      add(at->path());
  }
}

std::optional<double> FileReadProgress::fraction() {
  if (total_ == 0) return std::nullopt;
  std::map<std::string, bool> open;
  std::error_code error;
  for (fs::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    const auto file = files_.find(fs::read_symlink(at->path(), gone).string());
    if (gone || file == files_.end()) continue;
    std::ifstream info("/proc/self/fdinfo/" + at->path().filename().string());
    std::string key;
    std::uint64_t position = 0;
    if (info >> key >> position) file->second.read = std::min(position, file->second.size);
    file->second.opened = open[file->first] = true;
  }
  std::uint64_t read = 0;
  for (const auto& [path, file] : files_)
    read += file.opened && !open.contains(path) ? file.size : file.read;
  return static_cast<double>(read) / static_cast<double>(total_);
}

}  // namespace hhgrid::app
