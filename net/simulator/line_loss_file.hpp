#pragma once

#include <cstdint>
#include <filesystem>

#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::net {

struct LineLossFileOptions {
  std::uint32_t classes =
      1142;  ///< Of all distributors together, 166 of each as the large ones have.
  core::SettlementDay first_day{19'814};  ///< 2024-04-01: these files are published by the year.
  std::int32_t days = 365;
};

/// Writes a line loss file as distributors publish it (D0265): a distributor's classes one after
/// the other, each with a factor for every settlement period of every day, 46 or 50 where the clock
/// changes; with its trailer, check sum included. Returns how many SPL records it has. Error: the
/// file cannot be written.
tl::expected<std::uint64_t, storage::Error> write_line_loss_file(
    const std::filesystem::path& path, const LineLossFileOptions& options);

}  // namespace hhgrid::net
