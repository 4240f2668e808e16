#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "storage/journal/journal.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::storage::test {

using tests::TemporaryDirectory;

inline BatchId batch(std::uint64_t number) { return {number * 0x9e3779b97f4a7c15, number}; }

/// A block whose words follow from its batch id, so that a reader can tell whose they are.
inline Block make_block(BatchId id, std::uint32_t entry_count = 1, std::size_t words = 4) {
  auto array = kj::heapArray<capnp::word>(words);
  std::uint64_t state = id.high ^ (id.low << 1) ^ 0x2545f4914f6cdd1d;
  for (std::size_t i = 0; i < words; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    std::copy_n(reinterpret_cast<const std::byte*>(&state), sizeof state,
                reinterpret_cast<std::byte*>(array.begin() + i));
  }
  return {id, entry_count, std::make_shared<const kj::Array<capnp::word>>(kj::mv(array))};
}

inline testing::AssertionResult same_block(const Block& left, const Block& right) {
  if (left.batch_id != right.batch_id) return testing::AssertionFailure() << "other batch id";
  if (left.entry_count != right.entry_count) {
    return testing::AssertionFailure()
           << left.entry_count << " and " << right.entry_count << " entries";
  }
  const auto a = left.words->asBytes(), b = right.words->asBytes();
  if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) {
    return testing::AssertionFailure() << "other words";
  }
  return testing::AssertionSuccess();
}

/// The value, or a failed test that prints the error.
template <class T>
T value_of(tl::expected<T, Error> result) {
  if (!result) {
    ADD_FAILURE() << result.error().text;
    return T{};
  }
  return std::move(*result);
}

}  // namespace hhgrid::storage::test
