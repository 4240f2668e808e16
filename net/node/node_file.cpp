#include "net/node/node_file.hpp"

#include <nlohmann/json.hpp>

#include "storage/disk/whole_file.hpp"

namespace hhgrid::net {
namespace {

std::filesystem::path path_of(const std::filesystem::path& directory) { return directory / "NODE"; }

}  // namespace

tl::expected<void, storage::Error> write_node_file(const std::filesystem::path& directory,
                                                   const NodeFile& node) {
  const nlohmann::json content = {{"pid", node.pid}, {"socket", node.socket}, {"http", node.http}};
  return storage::replace_file(path_of(directory), content.dump() + "\n");
}

std::optional<NodeFile> read_node_file(const std::filesystem::path& directory) {
  const auto bytes = storage::read_whole_file(path_of(directory));
  if (!bytes || !*bytes) return std::nullopt;
  const auto content = nlohmann::json::parse(**bytes, nullptr, false);
  if (!content.is_object()) return std::nullopt;
  NodeFile node;
  try {
    node.pid = content.at("pid");
    node.socket = content.at("socket");
    node.http = content.at("http");
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return node;
}

void remove_node_file(const std::filesystem::path& directory) {
  static_cast<void>(storage::remove_file(path_of(directory)));
}

}  // namespace hhgrid::net
