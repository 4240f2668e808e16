#pragma once

#include <memory>
#include <string>

#include "net/files/byte_source.hpp"

namespace hhgrid::net {

/// Decompresses gzip: one member or several, and after the last one nothing but zeros, if anything.
/// Whatever else follows a member is an error behind what was good: it is another's bytes, or a
/// member whose beginning is damaged. A file that does not begin as gzip is read as it is.
std::unique_ptr<ByteSource> gzip_source(std::string name, std::unique_ptr<ByteSource> compressed);

}  // namespace hhgrid::net
