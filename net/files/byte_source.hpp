#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "net/files/ingest_error.hpp"

namespace hhgrid::net {

/// Bytes in order, decompressed.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads some bytes into `out`, which is not empty; 0 at the end. Errors: unreadable (a cut-off
  /// or damaged compressed file included).
  virtual tl::expected<std::size_t, IngestError> read(std::span<char> out) = 0;
};

using OpenedSource = tl::expected<std::unique_ptr<ByteSource>, IngestError>;

/// Opens a file by the ending of its name, in capitals or not: `.gz` (also of several members),
/// `.zst` (also of several frames), `.zip` (its only `.ptf` or `.csv`), anything else as it is.
/// Errors: not_found, unreadable.
OpenedSource open_source(const std::filesystem::path& path);
/// Standard input; it is not closed.
std::unique_ptr<ByteSource> standard_input();
std::unique_ptr<ByteSource> memory_source(std::shared_ptr<const std::string> bytes);

}  // namespace hhgrid::net
