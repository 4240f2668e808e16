#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/query/inspection_reading.hpp"
#include "actors/standing/standing_row.hpp"
#include "core/standing/standing_data.hpp"

namespace hhgrid::actors::inspection {

/// One stored version of a row of standing data.
struct StandingVersion {
  std::string row_key;
  storage::Position position;
  StandingRow row;
  /// What its delivery contradicts: from which position on, and which parts.
  std::vector<std::pair<storage::Position, RowParts>> refused{};

  RowParts refused_as_of(storage::Position position) const;
  /// What of it counts, were it the only one.
  std::optional<StandingRow> left(storage::Position as_of = storage::Position::greatest()) const {
    return without(row, refused_as_of(as_of));
  }
};

/// The versions of the rows whose keys lie in [from, to) or begin with `prefix`, row by row. Throw
/// ReadFailure.
std::vector<StandingVersion> standing_versions(const View& market, const std::string& from,
                                               const std::string& to);
std::vector<StandingVersion> standing_versions(const View& market, const std::string& prefix);

/// Key prefixes of the tables, as standing_row_key makes them.
std::string bmu_prefix(const core::BmuId& bmu);
std::string take_prefix(core::GspGroup group);
std::string take_prefix(core::GspGroup group, core::SettlementDay day);

/// Just the standing data that one meter's settlement needs, as of a position of the market
/// journal: reading all of it would take longer than everything else. Remembers what it has read.
class StandingExtract {
 public:
  StandingExtract(const View& market, const core::SettlementCalendar& calendar)
      : market_(market), calendar_(calendar) {}

  /// Standing data with every version, up to `position`, of: the component classes, the rows of
  /// `units`, and the line loss factors that the class takes on the day.
  core::StandingData as_of(storage::Position position, const std::vector<core::BmuId>& units,
                           const core::Terms& terms, core::SettlementDay day);

 private:
  using Versions = std::vector<StandingVersion>;
  void put_line_losses(core::StandingData& data, storage::Position position,
                       const core::Terms& terms, core::SettlementDay day);
  const Versions& versions(const std::string& from, const std::string& to);

  const View& market_;
  const core::SettlementCalendar& calendar_;
  std::map<std::pair<std::string, std::string>, Versions> read_;  // by range of keys
};

}  // namespace hhgrid::actors::inspection
