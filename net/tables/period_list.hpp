#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hhgrid::net {

/// The numbers of the UTC periods of a mask, 1 to 48.
std::string period_list(std::uint64_t periods, std::string_view separator);

}  // namespace hhgrid::net
