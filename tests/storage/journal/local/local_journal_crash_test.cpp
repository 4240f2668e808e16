#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "storage/journal/local/local_journal.hpp"
#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {
namespace {

constexpr PartitionId partitions = 3;

LocalJournalOptions three_partitions(const std::filesystem::path& directory,
                                     std::uint64_t segment_bytes) {
  LocalJournalOptions options;
  options.directory = directory;
  options.grid_id = {1, 2};
  options.partition_count = partitions;
  options.segment_bytes = segment_bytes;
  return options;
}

/// What the child says of an append that it was told is durable.
struct Acknowledgement {
  std::uint64_t id = 0;
  BlockNumber number = 0;
};

Block block_of(std::uint64_t number) {
  return make_block(number, 1 + static_cast<std::uint32_t>(number % 3), 10 + number % 500);
}
PartitionId partition_of(std::uint64_t number) {
  return static_cast<PartitionId>(number % partitions);
}

/// The child: two threads append until they are killed.
[[noreturn]] void append_for_ever(const std::filesystem::path& directory, std::uint64_t next,
                                  int pipe) {
  auto journal = LocalJournal::open(three_partitions(directory, 256 << 10));
  if (!journal) ::_exit(1);
  const auto append = [&](std::uint64_t number) {
    for (;; number += 2) {
      const auto appended = (*journal)->append(partition_of(number), block_of(number));
      const Acknowledgement said{number, appended ? *appended : 0};
      if (::write(pipe, &said, sizeof said) != sizeof said) ::_exit(2);
    }
  };
  std::thread other(append, next + 1);
  append(next);
  ::_exit(3);
}

/// Runs a child, kills it after a while (from its start, or from its first append on), returns what
/// it said.
std::vector<Acknowledgement> run_and_kill(const std::filesystem::path& directory,
                                          std::uint64_t next, std::chrono::microseconds lifetime,
                                          bool from_start) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    append_for_ever(directory, next, ends[1]);
  }
  ::close(ends[1]);
  std::vector<Acknowledgement> said;
  Acknowledgement one;
  const auto hear = [&] {
    if (::read(ends[0], &one, sizeof one) != sizeof one) return false;
    said.push_back(one);
    return true;
  };
  if (!from_start) hear();
  std::thread killer([&] {
    std::this_thread::sleep_for(lifetime);
    ::kill(child, SIGKILL);
  });
  while (hear()) continue;
  killer.join();
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  return said;
}

TEST(LocalJournalCrash, WhateverWasAcknowledgedBeforeAKillIsThere) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(20'260'701);
  std::map<PartitionId, std::map<BlockNumber, std::uint64_t>> acknowledged;
  std::uint64_t next = 1;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    const std::chrono::microseconds lifetime(random() % 60'000);
    for (const auto& [id, number] :
         run_and_kill(directory.path(), next, lifetime, round % 4 == 0)) {
      ASSERT_GT(number, 0u);
      acknowledged[partition_of(id)][number] = id;
      next = std::max(next, id + 3);
    }
    const auto journal = LocalJournal::open(three_partitions(directory.path(), 256 << 10));
    ASSERT_TRUE(journal) << journal.error().text;
    for (const auto& [partition, blocks] : acknowledged) {
      BlockNumber number = 1;
      std::size_t found = 0;
      for (const auto& stored : value_of((*journal)->read(partition, 1, SIZE_MAX))) {
        ASSERT_EQ(stored.number, number++);
        // Also what nobody was told of must be whole.
        const std::uint64_t id = number_in(stored.block);
        ASSERT_TRUE(same_block(stored.block, block_of(id)));
        const auto said = blocks.find(stored.number);
        if (said == blocks.end()) continue;
        ASSERT_EQ(said->second, id);
        ++found;
      }
      ASSERT_EQ(found, blocks.size());
      ASSERT_EQ(number, (*journal)->end(partition) + 1);
    }
  }
  EXPECT_GT(next, 100u) << "the children hardly appended";
}

/// A tmpfs of 2 MiB, when this process may mount one.
class SmallDisk {
 public:
  SmallDisk() {
    if (::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=2m") != 0) cause_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (cause_.empty()) ::umount2(path().c_str(), MNT_DETACH);
  }
  const std::filesystem::path& path() const { return directory_.path(); }
  const std::string& cause() const { return cause_; }

 private:
  TemporaryDirectory directory_;
  std::string cause_;  ///< Why it is not mounted.
};

TEST(LocalJournalFullDisk, OnARealOneNothingIsStoredUntilThereIsSpace) {
  const SmallDisk disk;
  if (!disk.cause().empty())
    GTEST_SKIP() << "cannot mount a tmpfs, it needs root: " << disk.cause();
  const auto options = three_partitions(disk.path() / "journal", 256 << 10);
  auto journal = value_of(LocalJournal::open(options));
  ASSERT_NE(journal, nullptr);
  std::uint64_t stored = 0;
  tl::expected<BlockNumber, Error> appended;
  while ((appended = journal->append(0, make_block(stored + 1, 1, 1000)))) ++stored;
  EXPECT_EQ(appended.error().code, Errc::no_space) << appended.error().text;
  EXPECT_GT(stored, 100u);
  EXPECT_EQ(journal->end(0), stored);
  journal->release(0, stored);  // gives the space of the old segments back
  EXPECT_EQ(value_of(journal->append(0, make_block(stored + 1, 1, 1000))), stored + 1);
  journal.reset();
  journal = value_of(LocalJournal::open(options));
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(journal->end(0), stored + 1);
}

}  // namespace
}  // namespace hhgrid::storage::test
