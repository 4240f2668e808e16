#pragma once

#include "net/simulator/population.hpp"

namespace hhgrid::net {

inline constexpr std::uint32_t many = 20'000;

inline Population population_of(std::uint32_t meters, std::int32_t days = 10,
                                std::uint64_t seed = 1) {
  PopulationOptions options;
  options.seed = seed;
  options.meters = meters;
  options.days = days;
  return Population(options);
}

}  // namespace hhgrid::net
