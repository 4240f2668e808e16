#pragma once

#include <string>
#include <vector>

namespace hhgrid::net {

/// Why a row, or one value of it, is rejected.
struct RowError {
  /// What rejections are counted by: "mpan is not valid", "ECS1010 negative energy".
  std::string reason;
  std::string column;  ///< Empty: the whole row.
  std::string value;   ///< At its beginning, when it is long.
  std::string text;    ///< A sentence with the details.
};

/// What becomes of a row.
struct RowOutcome {
  /// Why it is rejected; none: it is accepted. A row of half hours may have one for each that is
  /// bad, and its others are taken.
  std::vector<RowError> errors;
};

}  // namespace hhgrid::net
