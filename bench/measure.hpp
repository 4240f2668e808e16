#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::bench {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);
/// Processor time of all threads of this process so far: on a shared machine it drifts less than
/// the clock on the wall.
double cpu_seconds();
/// What a benchmark found: one comparable line, and the figures in it by name.
struct Figures {
  std::string name;
  std::vector<std::pair<std::string, double>> values;  ///< Names end in their unit.
  std::string line;
};
using Report = std::function<void(const Figures&)>;

/// When the benchmarks' entries came: 2026-01-01T00:00:00Z; any instant will do.
inline constexpr core::Instant received_at{1'767'225'600'000};
/// A run's cut-off that leaves nothing out.
inline constexpr core::Instant after_everything{4'000'000'000'000};
/// Entries of a batch as gateways make them.
inline constexpr std::uint32_t default_batch_entries = 16384;

/// The middle value; of an even number the upper of the two. `values` must not be empty.
double median(std::vector<double> values);
/// The value below which the share `q` of the values lies.
double quantile(std::vector<double> values, double q);
/// A benchmark that cannot go on throws what stopped it.
void must(const tl::expected<void, storage::Error>& done);

}  // namespace hhgrid::bench
