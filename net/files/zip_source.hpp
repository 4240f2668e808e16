#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "net/files/byte_source.hpp"

namespace hhgrid::net {

/// What a zip holds.
struct ZipMembers {
  std::string data;                 ///< The name of its only `.ptf` or `.csv`.
  std::uint64_t data_index = 0;     ///< Its place in the archive.
  std::vector<std::string> others;  ///< What is no data; without a Macintosh's additions.
};
/// Looks into a zip. Errors: not_found; unreadable when it holds no file of the contract, or more
/// than one.
tl::expected<ZipMembers, IngestError> zip_members(const std::filesystem::path& path);

/// Decompresses the data of a zip; its check sum is verified at its end.
OpenedSource zip_source(const std::filesystem::path& path);

}  // namespace hhgrid::net
