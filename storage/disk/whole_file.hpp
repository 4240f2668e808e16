#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// The bytes of a small file; nothing when there is no such file. Error: io.
tl::expected<std::optional<std::string>, Error> read_whole_file(const std::filesystem::path& path);
/// Puts a file in the place of an existing one, or makes it: durably, and never half of it. Uses a
/// file of the same name with `.new` behind it. Errors: no_space, io.
tl::expected<void, Error> replace_file(const std::filesystem::path& path, std::string_view bytes);
/// Durably, when it is there. Error: io.
tl::expected<void, Error> remove_file(const std::filesystem::path& path);

}  // namespace hhgrid::storage
