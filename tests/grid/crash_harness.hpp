#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace hhgrid::tests {

/// Kills a process that ingests and settles, again and again, and checks after every kill that
/// nothing acknowledged is missing and nothing counts twice. The grid is only ever opened in
/// children: the parent stays free of threads, so that it can fork. What is fed is a pure function
/// of a seed and a block's number, so that the checker knows what has to be there.
class CrashHarness {
 public:
  CrashHarness(std::filesystem::path directory, std::uint64_t seed);
  ~CrashHarness();

  /// One life: feeds from the last acknowledged block on, is killed after a random time. Then a
  /// second process opens what is left and checks it. Empty when all is well, else what is wrong.
  std::string live_and_die();

  std::uint64_t acknowledged_blocks() const { return acknowledged_; }
  std::uint64_t published_runs() const { return runs_; }

 private:
  std::filesystem::path directory_;
  std::uint64_t seed_;
  std::uint64_t lives_ = 0;
  std::uint64_t acknowledged_ = 0;  // blocks, counted over all lives
  std::uint64_t runs_ = 0;          // published and told, over all lives
};

}  // namespace hhgrid::tests
