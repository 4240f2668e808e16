#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hhgrid::config {

/// UTC periods first to last, inclusive; first after last goes over midnight.
struct PeriodWindow {
  std::uint32_t first = 1, last = 48;
  friend bool operator==(const PeriodWindow&, const PeriodWindow&) = default;
};

/// Windows by GSP Group id, such as `_D`.
using PeriodWindows = std::map<std::string, PeriodWindow>;

/// `_D 48-13, _N 2-15`, in any order; an empty text has none. Nothing when the text is anything
/// else: no GSP Group, a period that is not 1 to 48, a group given twice.
std::optional<PeriodWindows> parse_period_windows(std::string_view text);
/// What `parse_period_windows` reads, by group.
std::string to_string(const PeriodWindows& windows);

}  // namespace hhgrid::config
