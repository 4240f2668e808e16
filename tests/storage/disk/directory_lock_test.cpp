#include "storage/disk/directory_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include <gmock/gmock.h>

#include "tests/storage/journal/journal_blocks.hpp"

namespace hhgrid::storage::test {
namespace {

using testing::HasSubstr;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DirectoryLock, NamesItsProcessInTheFile) {
  const TemporaryDirectory directory;
  const auto lock = DirectoryLock::acquire(directory.path());
  ASSERT_TRUE(lock) << lock.error().text;
  EXPECT_EQ(content_of(directory.path() / "LOCK"), std::to_string(::getpid()) + "\n");
}

TEST(DirectoryLock, ASecondHolderIsRefusedWithPathAndProcess) {
  const TemporaryDirectory directory;
  const auto lock = DirectoryLock::acquire(directory.path());
  const auto second = DirectoryLock::acquire(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  EXPECT_THAT(second.error().text, HasSubstr(directory.path().string()));
  EXPECT_THAT(second.error().text, HasSubstr("process " + std::to_string(::getpid())));
}

TEST(DirectoryLock, AnotherProcessIsRefused) {
  const TemporaryDirectory directory;
  const auto lock = DirectoryLock::acquire(directory.path());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto second = DirectoryLock::acquire(directory.path());
    ::_exit(!second && second.error().code == Errc::in_use ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(DirectoryLock, EndsWithItsObject) {
  const TemporaryDirectory directory;
  DirectoryLock::acquire(directory.path()).value();
  EXPECT_TRUE(DirectoryLock::acquire(directory.path()));
}

TEST(DirectoryLock, EndsWithItsProcess) {
  const TemporaryDirectory directory;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = DirectoryLock::acquire(directory.path());
    ::_exit(lock ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const auto lock = DirectoryLock::acquire(directory.path());
  ASSERT_TRUE(lock);
  EXPECT_EQ(content_of(directory.path() / "LOCK"), std::to_string(::getpid()) + "\n");
}

TEST(DirectoryLock, AMissingDirectoryIsAnError) {
  const TemporaryDirectory directory;
  const auto lock = DirectoryLock::acquire(directory.path() / "nowhere");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, Errc::io);
  EXPECT_THAT(lock.error().text, HasSubstr("nowhere"));
}

}  // namespace
}  // namespace hhgrid::storage::test
