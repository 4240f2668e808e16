#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "storage/journal/journal.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::storage::test {

using tests::TemporaryDirectory;

/// A block whose first word is a number, from which all others follow, so that a reader can tell
/// which block it is.
inline Block make_block(std::uint64_t number, std::uint32_t entry_count = 1,
                        std::size_t words = 4) {
  auto array = kj::heapArray<capnp::word>(words);
  std::uint64_t state = number;
  for (std::size_t i = 0; i < words; ++i) {
    std::memcpy(static_cast<void*>(array.begin() + i), &state, sizeof state);
    state = state * 6364136223846793005 + 1442695040888963407;
  }
  return {entry_count, std::make_shared<const kj::Array<capnp::word>>(kj::mv(array))};
}

inline std::uint64_t number_in(const Block& block) {
  std::uint64_t number = 0;
  std::memcpy(&number, block.words->begin(), sizeof number);
  return number;
}

/// What whoever folds the journal takes of the blocks `next`, `next` + 1, ...: each once, in order.
inline std::vector<JournalBlock> taken_of(const std::vector<JournalBlock>& blocks,
                                          std::uint64_t next = 1) {
  std::vector<JournalBlock> taken;
  for (const auto& block : blocks) {
    if (number_in(block.block) != next) continue;
    taken.push_back(block);
    ++next;
  }
  return taken;
}

inline testing::AssertionResult same_block(const Block& left, const Block& right) {
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
  if (!result) ADD_FAILURE() << result.error().text;
  if constexpr (!std::is_void_v<T>) return result ? std::move(*result) : T{};
}

}  // namespace hhgrid::storage::test
