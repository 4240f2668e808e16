#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "net/node/node_file.hpp"
#include "net/node/timekeeper.hpp"
#include "net/rpc/served_grid.hpp"

namespace hhgrid::net {

struct NodeOptions {
  std::filesystem::path socket;  ///< Of RPC; replaced when there is one.
  std::string http;              ///< HOST:PORT, port 0: any; empty: none.
  TimetableOptions timetable;
  NodeClocks clocks;
  /// Called once, when the node answers.
  std::function<void(const NodeFile&)> ready;
};

/// Makes the signals that end a node wait for `serve`. To be called before there is a second
/// thread.
void hold_signals();

/// Serves a grid until SIGTERM or SIGINT, then tells whoever still waits that it is closing, and
/// returns. Errors: io (what cannot be listened on, and why).
tl::expected<void, storage::Error> serve(actors::Grid& grid, const ServedGrid& served,
                                         const NodeOptions& options);

}  // namespace hhgrid::net
