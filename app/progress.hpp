#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/terminal.hpp"

namespace hhgrid::app {

/// Says on standard error how far a long command is: a bar on a terminal, a line every few seconds
/// otherwise. Runs on a thread of its own until it is destroyed.
class Progress {
 public:
  struct State {
    std::string doing;               ///< `loading`
    std::optional<double> fraction;  ///< 0 to 1, when known.
    std::uint64_t count = 0;
    std::string unit;  ///< `entries`: what is counted.
    bool rate = true;  ///< Show the rate of the count.
  };
  /// `ask` is called from the progress thread.
  Progress(const Terminal& terminal, bool enabled, std::function<State()> ask);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void work();
  std::string line(const State& state, double seconds) const;

  const Terminal& terminal_;
  std::function<State()> ask_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

/// How much of the regular files under `paths` this process has read, as the kernel counts it for
/// its open files; files that were opened before and are closed count as read. Folders are looked
/// into one level deep.
class FileReadProgress {
 public:
  explicit FileReadProgress(const std::vector<std::filesystem::path>& paths);
  /// 0 to 1; nothing when there is no regular file.
  std::optional<double> fraction();

 private:
  struct File {
    std::uint64_t size = 0, read = 0;
    bool opened = false;
  };
  std::map<std::string, File> files_;  // by canonical path
  std::uint64_t total_ = 0;
};

}  // namespace hhgrid::app
