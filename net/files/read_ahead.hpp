#pragma once

#include <memory>

#include "net/files/byte_source.hpp"

namespace hhgrid::net {

/// Reads `source` on a thread of its own, up to 2 MiB ahead, so that decompressing and parsing
/// overlap.
std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

}  // namespace hhgrid::net
