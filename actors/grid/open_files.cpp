#include "actors/grid/open_files.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <sys/resource.h>

namespace hhgrid::actors {
namespace {

constexpr std::size_t least = 20, greatest = 512;
/// Input and output, libraries, the system's own, and a store's files while they are replaced.
constexpr std::size_t others = 224;
/// More only with segments far smaller than usual, and hardly ever at once.
constexpr std::size_t segments_max = 256;

}  // namespace

std::size_t open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<std::size_t>::max();
  return limit.rlim_cur;
}

std::size_t open_files_needed(std::size_t stores, std::size_t segments) {
  return others + std::min(segments, segments_max) + least * stores;
}

tl::expected<int, storage::Error> open_files_per_store(std::size_t stores, std::size_t segments,
                                                       std::size_t limit) {
  const std::size_t needed = open_files_needed(stores, segments);
  if (limit < needed)
    return tl::unexpected(storage::Error{
        storage::Errc::limit,
        fmt::format("{} stores need {} open files, this process may have {}; raise the limit to at "
                    "least {}",
                    stores, needed, limit, needed)});
  const std::size_t left = limit - (needed - least * stores);
  return static_cast<int>(std::min(left / stores, greatest));
}

}  // namespace hhgrid::actors
