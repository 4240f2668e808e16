#pragma once

#include <cstdint>

#include "core/partitioning.hpp"

namespace hhgrid::net {

/// What a sequence of the simulation is for; a changed number makes another population.
enum RandomPurpose : std::uint64_t {
  random_traits = 1,
  random_numbers,
  random_supplier_change,
  random_annual,
  random_day,
  random_delivery,
  random_residual,
  random_losses,
};

/// Random numbers that are a function of where they are used: the same (seed, purpose, a, b) gives
/// the same sequence on every machine, in any order and on any thread. splitmix64; the
/// distributions of the standard library differ between implementations and are not used.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t purpose, std::uint64_t a, std::uint64_t b = 0)
      : state_(mix(mix(mix(seed ^ 0x6a09e667f3bcc909U) + purpose) + a) + b) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    return core::splitmix64_finaliser(state_);
  }
  /// In [0, end); `end` is far below 2^32, so that the bias does not matter.
  std::uint32_t below(std::uint32_t end) {
    return static_cast<std::uint32_t>((next() >> 32) * end >> 32);
  }
  bool per_mille(std::uint32_t share) { return below(1000) < share; }

 private:
  static std::uint64_t mix(std::uint64_t x) {
    return core::splitmix64_finaliser(x + 0x9e3779b97f4a7c15U);
  }
  std::uint64_t state_;
};

}  // namespace hhgrid::net
