#include "app/asked_grid.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "app/session_options.hpp"

namespace hhgrid::app {

AskedGrid::AskedGrid(const Context& context, std::unique_ptr<OpenGrid> grid)
    : grid_(std::move(grid)),
      service_(std::make_unique<net::LocalGridService>(
          **grid_, session_options(context.settings), now)) {}

Result<std::unique_ptr<AskedGrid>> ask_grid(const Context& context) {
  auto opened = open_grid(context);
  if (!opened) return tl::unexpected(opened.error());
  return std::make_unique<AskedGrid>(context, std::move(*opened));
}

Result<std::unique_ptr<AskedGrid>> ask_or_create_grid(const Context& context,
                                                      std::optional<std::uint16_t> partitions) {
  auto opened = open_or_create_grid(context, partitions);
  if (!opened) return tl::unexpected(opened.error());
  return std::make_unique<AskedGrid>(context, std::move(*opened));
}

Result<std::unique_ptr<AskedRecords>> AskedRecords::open(const Context& context) {
  auto asked = std::make_unique<AskedRecords>();
  auto stored = actors::StoredGrid::open(grid_options(context.settings));
  if (!stored) return fail(stored.error());
  if (*stored) {
    asked->stored_ = std::move(*stored);
    asked->records_ = std::make_unique<net::LocalRecords>(asked->stored_->stores(),
                                                          asked->stored_->calendar());
    return asked;
  }
  const auto& directory = context.settings.data.directory;
  std::error_code failed;
  if (std::filesystem::exists(directory / "GRID", failed) && access(directory.c_str(), W_OK) != 0)
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
