#include "tests/grid/crash_harness.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "actors/grid/grid.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/host/messages.hpp"
#include "actors/meter/versions.hpp"
#include "actors/verify/audit.hpp"
#include "actors/verify/check.hpp"
#include "tests/grid/crash_feed.hpp"

namespace hhgrid::tests {
namespace {

constexpr std::uint64_t steps_between_runs = 40;
constexpr std::size_t runs_audited = 6;  // more than a life makes, of both kinds of cut-off
constexpr int patience_ms = 60'000;

/// What a child tells before it may die, written whole (below PIPE_BUF).
struct Word {
  std::uint64_t blocks = 0;  ///< Acknowledged so far, over all lives.
  std::uint64_t runs = 0;    ///< Published so far, over all lives.
};

actors::GridOptions grid_options(const std::filesystem::path& directory) {
  actors::GridOptions options;
  options.directory = directory;
  options.partitions = crash_partitions;
  options.memtable_bytes = 64 << 10;  // flushes all the time
  options.journal_segment_bytes = 256 << 10;
  options.block_cache_bytes = 8 << 20;
  return options;
}

void tell(int pipe, const Word& word) {
  if (write(pipe, &word, sizeof word) != sizeof word) _exit(9);
}

/// Every other run leaves out the corrections since the run before, and is made from stored
/// versions.
core::Instant cutoff_after(const CrashFeed& feed, std::uint64_t step) {
  const bool early = step / steps_between_runs % 2 == 0;
  const auto newest = early ? std::max(step - steps_between_runs, feed.opening_steps()) : step;
  return feed.received_at(newest);
}

/// Feeds for ever. Retries of blocks that were stored but not acknowledged carry the same n.
[[noreturn]] void feed_for_ever(const std::filesystem::path& directory, std::uint64_t seed,
                                Word word, int pipe) {
  actors::SystemConfig config(2);
  caf::actor_system system(config);
  auto grid = actors::Grid::open(system, grid_options(directory));
  if (!grid) {
    std::fprintf(stderr, "%s\n", grid.error().text.c_str());
    _exit(8);
  }
  tell(pipe, word);  // the grid serves
  const CrashFeed feed(seed);
  for (;; ++word.blocks, tell(pipe, word)) {
    auto step = feed.step(word.blocks);
    if (!(*grid)->append(step.partition, step.block)) _exit(7);
    if (word.blocks < feed.opening_steps() || word.blocks % steps_between_runs != 0) continue;
    auto run = (*grid)->run(feed.day(), core::SettlementCode::ii, cutoff_after(feed, word.blocks),
                            {static_cast<std::int64_t>(1'769'000'000'000 + word.blocks)},
                            std::chrono::seconds(60));
    if (!run || run->status != "published") {
      std::fprintf(stderr, "run: %s\n", run ? run->reason.c_str() : run.error().text.c_str());
      _exit(6);
    }
    ++word.runs;
  }
}

/// The first difference between what counts in the stores and what was fed, or empty.
std::string compare_counting(const actors::Grid& grid, const CrashFeed::Counting& expected) {
  for (const auto& [key, want] : expected) {
    bool found = false;
    for (storage::PartitionId p = 0; p < crash_partitions; ++p) {
      for (const auto quantity :
           {core::MeasurementQuantity::active_import, core::MeasurementQuantity::active_export}) {
        const auto got =
            actors::read_counting_day(grid.store(p), core::UtcDay{key.second}, key.first, quantity);
        if (!got) return got.error().text;
        if (got->present == 0) continue;
        found = true;
        if (got->present != want.present || got->energy_wh != want.energy_wh)
          return fmt::format("meter/{} UTC day {} does not hold what was fed",
                             key.first.to_string(), key.second);
      }
    }
    if (!found)
      return fmt::format("meter/{} UTC day {} is missing", key.first.to_string(), key.second);
  }
  return {};
}

std::string verify(const std::filesystem::path& directory, std::uint64_t seed, const Word& told) {
  actors::SystemConfig config(2);
  caf::actor_system system(config);
  auto grid = actors::Grid::open(system, grid_options(directory));
  if (!grid) return grid.error().text;
  if (auto drained = (*grid)->drain(); !drained) return drained.error().text;
  // One feeder in order: what is stored is a prefix of the feed, at least what was acknowledged, at
  // most one block more.
  const CrashFeed feed(seed);
  auto expected = feed.counting_after(told.blocks);
  std::string difference = compare_counting(**grid, expected);
  if (!difference.empty())
    difference = compare_counting(**grid, feed.counting_after(told.blocks + 1));
  if (!difference.empty()) return difference;
  const auto stores = (*grid)->stores();
  const auto checked = actors::check_stores(stores, (*grid)->calendar(), 2);
  if (!checked.sound()) {
    const auto& first = checked.damage.front();
    return fmt::format("check: {} {} {}: {}", first.path, first.family, first.key, first.cause);
  }
  const storage::Store::View view(stores.market());
  const auto runs = actors::list_runs(view);
  if (!runs) return runs.error().text;
  // What was ordered before the kill is settled after it.
  for (const auto& run : *runs)
    if (run.status != actors::RunStatus::PUBLISHED)
      return fmt::format("{} is {} ({})", run.id(), actors::to_string(run.status), run.reason);
  if (runs->size() < told.runs)
    return fmt::format("{} runs were published, {} are there", told.runs, runs->size());
  const auto letters = (*grid)->dead_letters();
  if (!letters) return letters.error().text;
  if (!letters->empty()) return "dead letter: " + letters->front().reason;
  for (std::size_t i = runs->size() - std::min(runs_audited, runs->size()); i < runs->size(); ++i) {
    const auto audit = actors::audit_run(stores, (*grid)->calendar(), {}, (*runs)[i].number);
    if (!audit) return audit.error().text;
    if (!audit->equal())
      return fmt::format("audit of {}: {} differences", audit->run_id, audit->difference_count);
  }
  return {};
}

struct Child {
  pid_t id = -1;
  int hears = -1;  ///< The end of a pipe at which the parent hears of it.
};

/// Runs `live` in a process of its own, with the end of a pipe to tell by. Without an id, no
/// process could be made.
template <class Live>
Child fork_child(const Live& live) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return {};
  const pid_t id = fork();
  if (id == 0) {
    close(pipe_ends[0]);
    spdlog::set_level(spdlog::level::err);
    live(pipe_ends[1]);
    _exit(0);
  }
  close(pipe_ends[1]);
  return {id, pipe_ends[0]};
}

/// The same in a process of its own, so that the parent stays free of threads.
std::string verify_in_a_child(const std::filesystem::path& directory, std::uint64_t seed,
                              const Word& word) {
  const Child checker = fork_child([&](int tell) {
    const std::string wrong = verify(directory, seed, word);
    if (write(tell, wrong.data(), wrong.size()) < 0) _exit(9);
  });
  if (checker.id < 0) return "no process could be made";
  std::string wrong(4096, '\0');
  std::size_t size = 0;
  for (ssize_t n = 0; size < wrong.size() &&
                      (n = read(checker.hears, wrong.data() + size, wrong.size() - size)) > 0;)
    size += static_cast<std::size_t>(n);
  close(checker.hears);
  int status = 0;
  waitpid(checker.id, &status, 0);
  wrong.resize(size);
  if (wrong.empty() && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
    return "the checking process died";
  return wrong;
}

}  // namespace

CrashHarness::CrashHarness(std::filesystem::path directory, std::uint64_t seed)
    : directory_(std::move(directory)), seed_(seed) {
  std::filesystem::remove_all(directory_);
}

CrashHarness::~CrashHarness() { std::filesystem::remove_all(directory_); }

std::string CrashHarness::live_and_die() {
  std::fflush(nullptr);
  const Child child = fork_child([&](int tell) {
    feed_for_ever(directory_, seed_, {acknowledged_, runs_}, tell);
  });
  if (child.id < 0) return "no process could be made";
  // The time to die is random; what is checked does not depend on it. A grid takes its time to open
  // and to settle on a slow machine, so by turns a life may end while the grid is being opened, or
  // ends once it serves, or has published a run.
  std::minstd_rand random(static_cast<unsigned>(seed_ + ++lives_));
  Word word{acknowledged_, runs_};
  const auto hear = [&] {
    Word next;
    pollfd waiting{child.hears, POLLIN, 0};
    if (poll(&waiting, 1, patience_ms) <= 0) return false;
    if (read(child.hears, &next, sizeof next) != sizeof next) return false;
    word = next;
    return true;
  };
  switch (lives_ % 4) {
    case 0:
      break;
    case 1:
      while (word.runs == runs_ && hear()) {
      }
      break;
    default:
      hear();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(1 + random() % 700));
  kill(child.id, SIGKILL);
  int status = 0;
  waitpid(child.id, &status, 0);
  while (hear()) {
  }
  close(child.hears);
  const auto runs_before = std::exchange(runs_, word.runs);
  acknowledged_ = word.blocks;
  if (WIFEXITED(status))
    return fmt::format("the feeding process gave up with {}", WEXITSTATUS(status));
  if (lives_ % 4 == 1 && runs_ == runs_before)
    return fmt::format("no run was published within {} ms", patience_ms);
  return verify_in_a_child(directory_, seed_, word);
}

}  // namespace hhgrid::tests
