#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>
#include <tl/expected.hpp>

#include "storage/wire/error.hpp"

namespace hhgrid::net {

/// Where the node of a data directory answers: the file `NODE` in it, there while it serves. (After
/// a crash it may be left over.)
struct NodeFile {
  pid_t pid = 0;
  std::string socket;  ///< Path of its Unix socket.
  std::string http;    ///< HOST:PORT; empty: nowhere.
};

/// Errors: no_space, io.
tl::expected<void, storage::Error> write_node_file(const std::filesystem::path& directory,
                                                   const NodeFile& node);
/// Nothing when there is none, or none that can be read.
std::optional<NodeFile> read_node_file(const std::filesystem::path& directory);
void remove_node_file(const std::filesystem::path& directory);

}  // namespace hhgrid::net
