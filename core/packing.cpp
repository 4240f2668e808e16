#include "core/packing.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

/// Room for a whole word at the last value, so that no load or store needs a branch.
using Scratch = std::array<std::uint8_t, packed_size_max + 15>;

static_assert(packed_size(packed_count_max, packed_width_max) == packed_size_max);

WattHours value_at(const std::uint8_t* from, int bit, std::uint64_t mask) {
  std::uint64_t word;
  std::memcpy(&word, from + (bit >> 3), sizeof word);
  return static_cast<WattHours>(word >> (bit & 7) & mask);
}

/// Eight values take as many bytes as one takes bits, so in each such group they stand at the same
/// places: with the width known to the compiler a value is a load, a shift and a mask.
template <int width>
WattHours unpack_groups(const std::uint8_t* from, int groups, WattHours* out) {
  constexpr std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  WattHours any = 0;
  for (int group = 0; group < groups; ++group, from += width, out += 8)
    for (int i = 0; i < 8; ++i) any |= out[i] = value_at(from, i * width, mask);
  return any;
}

constexpr auto unpackers = []<int... width>(std::integer_sequence<int, width...>) {
  return std::array{&unpack_groups<width>...};
}
(std::make_integer_sequence<int, packed_width_max + 1>());

}  // namespace

std::size_t pack_values(std::span<const WattHours> values, std::span<std::uint8_t> out) {
  const int count = static_cast<int>(values.size());
  HHGRID_ASSERT(values.size() <= packed_count_max && out.size() >= packed_size_max, values.size(),
                out.size());
  std::uint64_t any = 0;
  for (const WattHours value : values) any |= static_cast<std::uint64_t>(value);
  const int width = static_cast<int>(std::bit_width(any));
  HHGRID_ASSERT(width <= packed_width_max, width);

  Scratch scratch;
  scratch[0] = static_cast<std::uint8_t>(width);
  std::uint8_t* to = scratch.data() + 1;
  std::uint64_t pending = 0;  // bits not yet in a finished byte, at most 7 before each value
  int pending_bits = 0;
  for (const WattHours value : values) {
    pending |= static_cast<std::uint64_t>(value) << pending_bits;
    std::memcpy(to, &pending, sizeof pending);
    pending_bits += width;
    to += pending_bits >> 3;
    pending >>= pending_bits & ~7;
    pending_bits &= 7;
  }
  const auto size = packed_size(count, width);
  std::memcpy(out.data(), scratch.data(), size);
  return size;
}

bool unpack_values(std::span<const std::uint8_t> bytes, int count, WattHours* out) {
  if (count < 0 || count > packed_count_max || bytes.empty() || bytes[0] > packed_width_max)
    return false;
  const int width = bytes[0];
  if (bytes.size() != packed_size(count, width)) return false;

  Scratch scratch;
  const auto size = bytes.size() - 1;
  std::memcpy(scratch.data(), bytes.data() + 1, size);
  std::memset(scratch.data() + size, 0, sizeof(std::uint64_t));
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  const int grouped = count & ~7;
  WattHours any = unpackers[bytes[0]](scratch.data(), grouped / 8, out);
  for (int i = grouped; i < count; ++i) any |= out[i] = value_at(scratch.data(), i * width, mask);
  // Only one form of the same values is accepted: the narrowest width, and padding of zeros.
  const int padding_from = count * width & 7;
  const bool padded_with_zeros = padding_from == 0 || scratch[size - 1] >> padding_from == 0;
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(any))) == width &&
         padded_with_zeros;
}

}  // namespace hhgrid::core
