#include "net/tables/period_list.hpp"

#include "core/meter_day.hpp"

namespace hhgrid::net {

std::string period_list(std::uint64_t periods, std::string_view separator) {
  std::string list;
  core::each_period(periods, [&](std::size_t i) {
    if (!list.empty()) list += separator;
    list += std::to_string(i + 1);
  });
  return list;
}

}  // namespace hhgrid::net
