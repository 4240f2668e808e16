#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <caf/actor_system.hpp>

#include "bench/measure.hpp"

namespace hhgrid::bench {

/// What all benchmarks can be told; what is not given is the benchmark's own default.
struct BenchOptions {
  std::filesystem::path directory;  ///< Exists; what is made in it is removed again.
  std::optional<std::uint32_t> meters;
  std::optional<std::int32_t> days;
  std::optional<std::uint16_t> partitions;
  std::optional<int> runs;
  Report report;  ///< Told of each figure.
};

/// When a benchmark runs.
enum class Asked : std::uint8_t {
  with_all,  ///< With all others, when none is named.
  by_name,   ///< Only when it is named: it takes long.
  as_child,  ///< By another benchmark alone; not listed.
};

/// One benchmark; it reports one comparable line (or a few) and throws what stops it.
struct Benchmark {
  std::string_view name;
  std::string_view measures;
  std::function<int(caf::actor_system&, const BenchOptions&)> run;
  Asked asked = Asked::with_all;
};

/// All of them, in the order in which they run.
const std::vector<Benchmark>& benchmarks();

}  // namespace hhgrid::bench
