#include "app/asked_grid.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "app/session_options.hpp"
#include "net/node/node_file.hpp"
#include "net/rpc/remote_grid.hpp"

namespace hhgrid::app {

AskedGrid::AskedGrid(const Context& context, std::unique_ptr<OpenGrid> grid)
    : grid_(std::move(grid)),
      service_(std::make_unique<net::LocalGridService>(**grid_, session_options(context.settings),
                                                       now)) {}

namespace {

/// Errors: whatever keeps the node from being asked.
Result<std::unique_ptr<AskedGrid>> ask_node(const Context& context, const std::string& address) {
  if (!context.node_setting.empty())
    return fail(ExitCode::usage,
                fmt::format("--set {}: the grid is open in a node, whose settings count. Leave it "
                            "out, or set it there.",
                            context.node_setting));
  auto node = net::RemoteGrid::connect(address);
  if (!node) return fail(node.error());
  return std::make_unique<AskedGrid>(std::move(*node));
}

/// The node that has the data directory open; the failure to open it when there is none.
Result<std::unique_ptr<AskedGrid>> ask_node_of(const Context& context, const Failure& failure) {
  if (failure.cause != storage::Errc::in_use) return tl::unexpected(failure);
  const auto& directory = context.settings.data.directory;
  const auto node = net::read_node_file(directory);
  if (!node) return tl::unexpected(failure);
  const std::string address = "unix:" + node->socket;
  auto asked = ask_node(context, address);
  if (!asked && asked.error().cause == storage::Errc::unanswered) return tl::unexpected(failure);
  if (asked && context.talks())
    context.err.write(fmt::format("{}: a node has it open (process {}); asked it at {}.\n",
                                  directory.string(), node->pid, address));
  return asked;
}

Result<std::unique_ptr<AskedGrid>> asked(const Context& context,
                                         Result<std::unique_ptr<OpenGrid>> opened) {
  if (!opened) return ask_node_of(context, opened.error());
  return std::make_unique<AskedGrid>(context, std::move(*opened));
}

}  // namespace

Result<std::unique_ptr<AskedGrid>> ask_grid(const Context& context) {
  if (!context.connect.empty()) return ask_node(context, context.connect);
  return asked(context, open_grid(context));
}

Result<std::unique_ptr<AskedGrid>> ask_or_create_grid(const Context& context,
                                                      std::optional<std::uint16_t> partitions) {
  auto grid = context.connect.empty() ? asked(context, open_or_create_grid(context, partitions))
                                      : ask_node(context, context.connect);
  if (!grid || !partitions) return grid;
  const auto there = (**grid)->topology().meter_partitions();
  if (there != *partitions)
    return fail(ExitCode::usage,
                fmt::format("{} has {} meter partitions, asked for were {}; the number is "
                            "fixed when a grid is made: leave --partitions out.",
                            context.place(), there, *partitions));
  return grid;
}

Result<std::unique_ptr<AskedRecords>> AskedRecords::open(const Context& context) {
  auto asked = std::make_unique<AskedRecords>();
  if (!context.connect.empty())
    return ask_grid(context).map([&](std::unique_ptr<AskedGrid>&& grid) {
      asked->grid_ = std::move(grid);
      return std::move(asked);
    });
  auto stored = actors::StoredGrid::open(grid_options(context.settings));
  if (!stored && stored.error().code != storage::Errc::in_use) return fail(stored.error());
  if (stored && *stored) {
    asked->stored_ = std::move(*stored);
    asked->records_ =
        std::make_unique<net::LocalRecords>(asked->stored_->stores(), asked->stored_->calendar());
    return asked;
  }
  const auto& directory = context.settings.data.directory;
  std::error_code failed;
  if (stored && std::filesystem::exists(directory / "GRID", failed) &&
      access(directory.c_str(), W_OK) != 0)
    return fail(
        ExitCode::store,
        fmt::format("{}: the journal holds entries that the stores do not have yet, as after "
                    "a crash, and the directory cannot be written. Give the command on a "
                    "copy that can be written.",
                    directory.string()));
  auto grid = ask_grid(context);
  if (!grid) return tl::unexpected(grid.error());
  if (auto drained = (**grid)->drain(); !drained) return fail(drained.error());
  asked->grid_ = std::move(*grid);
  return asked;
}

}  // namespace hhgrid::app
