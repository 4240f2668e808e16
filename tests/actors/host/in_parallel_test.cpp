#include "actors/host/in_parallel.hpp"

#include <atomic>
#include <new>
#include <stdexcept>

#include <gmock/gmock.h>

#include "actors/host/fold.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Errc;
using storage::Error;

constexpr std::size_t pieces = 20;

/// The error of work of which only piece number 7 throws.
Error error_of(const std::function<void()>& throws) {
  std::atomic<std::size_t> done = 0;
  const auto result = in_parallel(pieces, 3, [&](std::size_t i) -> tl::expected<void, Error> {
    ++done;
    if (i == 7) throws();
    return {};
  });
  EXPECT_EQ(done, pieces) << "all of them, whatever fails";
  return result ? Error{Errc::closed, "none"} : result.error();
}

TEST(InParallel, EveryPieceIsWorkedOnOnce) {
  std::vector<std::atomic<int>> times(pieces);
  ASSERT_TRUE(in_parallel(pieces, 3, [&](std::size_t i) -> tl::expected<void, Error> {
    ++times[i];
    return {};
  }));
  for (const auto& each : times) EXPECT_EQ(each, 1);
}

TEST(InParallel, TheErrorOfTheFirstPieceThatHasOneIsReturned) {
  const auto result = in_parallel(pieces, 3, [&](std::size_t i) -> tl::expected<void, Error> {
    if (i % 5 != 4) return {};
    return tl::unexpected(Error{Errc::io, std::to_string(i)});
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().text, "4");
}

TEST(InParallel, WhatIsThrownIsAnErrorOfItsKind) {
  EXPECT_EQ(error_of([] { throw std::bad_alloc(); }).code, Errc::io);
  EXPECT_EQ(error_of([] { throw std::runtime_error("odd"); }).code, Errc::damaged);
  const auto failed = error_of([] { throw StoreFailure({Errc::no_space, "full"}); });
  EXPECT_EQ(failed.code, Errc::no_space);
  EXPECT_EQ(failed.text, "full");
}

}  // namespace
}  // namespace hhgrid::actors::test
