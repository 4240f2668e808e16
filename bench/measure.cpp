#include "bench/measure.hpp"

#include <algorithm>
#include <stdexcept>

#include <sys/resource.h>

namespace hhgrid::bench {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * last + 0.5))];
}

void must(const tl::expected<void, storage::Error>& done) {
  if (!done) throw std::runtime_error(done.error().text);
}

}  // namespace hhgrid::bench
