#include "app/grid_to_verify.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace hhgrid::app {

Result<std::unique_ptr<GridToVerify>> GridToVerify::open(const Context& context) {
  auto verified = std::make_unique<GridToVerify>();
  auto stored = actors::StoredGrid::open(grid_options(context.settings));
  if (!stored) return fail(stored.error());
  verified->stored_ = std::move(*stored);
  if (verified->stored_) return verified;
  const auto& directory = context.settings.data.directory;
  std::error_code failed;
  if (std::filesystem::exists(directory / "GRID", failed) && access(directory.c_str(), W_OK) != 0)
    return fail(
        ExitCode::store,
        fmt::format("{}: the journal holds entries that the stores do not have yet, as after "
                    "a crash, and the directory cannot be written. Give the command on a "
                    "copy that can be written.",
                    directory.string()));
  auto opened = open_grid(context);
  if (!opened) return tl::unexpected(opened.error());
  if (auto drained = (**opened)->drain(); !drained) return fail(drained.error());
  verified->grid_ = std::move(*opened);
  return verified;
}

storage::StoreSet GridToVerify::stores() const {
  return stored_ ? stored_->stores() : (**grid_).stores();
}

const core::SettlementCalendar& GridToVerify::calendar() const {
  return stored_ ? stored_->calendar() : (**grid_).calendar();
}

const std::filesystem::path& GridToVerify::directory() const {
  return stored_ ? stored_->directory() : (**grid_).directory();
}

}  // namespace hhgrid::app
