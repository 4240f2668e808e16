#pragma once

#include <cstddef>
#include <functional>

#include <tl/expected.hpp>

#include "storage/wire/error.hpp"

namespace hhgrid::actors {

/// Runs `work(i)` for 0 ... count - 1, up to `threads` at once, all of them whatever fails. The
/// error is that of the smallest i that has one; what is thrown is an error, too (io when memory is
/// short or the store cannot be read, damaged otherwise).
tl::expected<void, storage::Error> in_parallel(
    std::size_t count, std::size_t threads,
    const std::function<tl::expected<void, storage::Error>(std::size_t)>& work);

}  // namespace hhgrid::actors
