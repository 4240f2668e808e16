#pragma once

#include <cstdint>
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

/// A row that was accepted before, until a later one said otherwise.
struct WithdrawnRow {
  std::uint64_t line = 0;
  std::string record;
  RowError error;
};

/// What becomes of a row, and of rows before it.
struct RowOutcome {
  /// Why it is rejected; none: it is accepted. A row of half hours may have one for each that is
  /// bad, and its others are taken.
  std::vector<RowError> errors;
  std::vector<WithdrawnRow> withdrawn;
};

}  // namespace hhgrid::net
