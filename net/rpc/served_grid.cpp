#include "net/rpc/served_grid.hpp"

#include <filesystem>

namespace hhgrid::net {

ServedGrid served_grid(actors::Grid& grid, GridService& service, const SessionOptions& session,
                       std::string version) {
  return {service,
          [&grid](auto blocks) { return grid.append_all(blocks); },
          [&grid](auto partition, const auto& sender) { return grid.mark_of(partition, sender); },
          grid.delivers_once(),
          session.clock,
          session.maximum.value(),
          std::move(version),
          std::filesystem::absolute(grid.directory()).string()};
}

}  // namespace hhgrid::net
