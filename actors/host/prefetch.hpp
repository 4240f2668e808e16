#pragma once

#include <cstddef>
#include <cstdint>

namespace hhgrid::actors {

/// Asks the processor to bring so many bytes into its caches; changes nothing.
inline void prefetch(const void* begin, std::size_t bytes) {
  constexpr std::uintptr_t cache_line = 64;
  const auto first = reinterpret_cast<std::uintptr_t>(begin), end = first + bytes;
  for (auto at = first & ~(cache_line - 1); at < end; at += cache_line)
    __builtin_prefetch(reinterpret_cast<const void*>(at));
}

/// Of a message its beginning, which is all of a common one.
inline void prefetch_message(const void* begin, std::size_t bytes) {
  constexpr std::size_t common_message = 256;
  prefetch(begin, bytes < common_message ? bytes : common_message);
}

}  // namespace hhgrid::actors
