#include "core/quality.hpp"

#include <algorithm>
#include <array>

#include "core/assertion.hpp"
#include "core/text.hpp"

namespace hhgrid::core {
namespace {

constexpr std::array<std::string_view, quality_count> quality_names = {
    "A",   "E",   "E0",  "E1",  "E2",  "E3",  "E4",   "E5",   "E6",   "E7",   "E8",   "E9",   "ZE",
    "ZE1", "ZE2", "ZE3", "A1",  "A2",  "A3",  "AAE1", "AAE2", "AAE3", "EAE1", "EAE2", "EAE3", "EA1",
    "EA2", "EA3", "EA4", "EA5", "EA6", "EA7", "EA8",  "EA9",  "EA10", "EA11", "EA12", "EA13",
};
static_assert(quality_names[static_cast<int>(Quality::ea13)] == "EA13");
static_assert(quality_names[static_cast<int>(Quality::a1)] == "A1");
static_assert(quality_names[static_cast<int>(Quality::aae3)] == "AAE3");

}  // namespace

Parsed<Quality> parse_quality(std::string_view text) {
  const auto* found = std::find(quality_names.begin(), quality_names.end(), text);
  if (found == quality_names.end()) {
    return parse_failure(text, "is not a settlement period quality indicator (DI-083)");
  }
  return static_cast<Quality>(found - quality_names.begin());
}

std::string_view to_string(Quality quality) {
  const auto index = static_cast<std::size_t>(quality);
  HHGRID_ASSERT(index < quality_names.size(), index);
  return quality_names[index];
}

QualityClass quality_class(Quality quality) {
  switch (quality) {
    case Quality::a:
      return QualityClass::actual;
    case Quality::a1:
    case Quality::a2:
    case Quality::a3:
    case Quality::aae1:
    case Quality::aae2:
    case Quality::aae3:
      return QualityClass::other_actual;
    default:
      return QualityClass::estimated;
  }
}

bool is_zero_estimate(Quality quality) { return Quality::ze <= quality && quality <= Quality::ze3; }

}  // namespace hhgrid::core
