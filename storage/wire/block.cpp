#include "storage/wire/block.hpp"

#include <random>

#include <xxhash.h>

namespace hhgrid::storage {

SenderId make_sender_id() {
  std::random_device random;
  const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
  return {word() | std::uint64_t{1} << 63, word()};
}

std::uint64_t hash_of(kj::ArrayPtr<const capnp::word> words) {
  const auto bytes = words.asBytes();
  return XXH3_64bits(bytes.begin(), bytes.size());
}

std::uint64_t rolling_digest(std::uint64_t before, std::uint64_t hash) {
  const std::uint64_t both[] = {before, hash};
  return XXH3_64bits(both, sizeof both);
}

}  // namespace hhgrid::storage
