#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/meter/terms_table.hpp"
#include "core/calendar.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// A meter that a run has to default: which periods are missing on the settlement day.
struct MissingMeter {
  core::Mpan mpan;
  TermsId terms = 0;
  core::MeasurementQuantity quantity{};
  struct Day {
    core::UtcDay day;
    std::uint64_t periods = 0;
    std::optional<core::WattHours> annual_consumption;
  };
  std::vector<Day> days;
};

/// What a run's marker has found in the partition, kept until the load shapes come.
struct RunFindings {
  core::SettlementDay day;
  std::vector<MissingMeter> missing;  ///< By MPAN and quantity.
  std::vector<core::Exception> exceptions;
};

/// What a turn of a meter partition for a run does beside its answer.
struct RunRecords {
  std::vector<std::pair<std::string, std::string>> puts;
  std::vector<std::string> erasures;
};

/// Tag of their keys in Family::run: the run, then the number of the record.
inline constexpr char missing_tag = 'm';

/// As records of at most 64 KiB each, also when there is nothing.
void put_findings(std::uint32_t run, const RunFindings& findings, RunRecords& records);
/// Reads them and has them erased. Throws TurnFailure when there are none.
RunFindings take_findings(const storage::Store& store, std::uint32_t run,
                          const core::SettlementCalendar& calendar, const TermsTable& terms,
                          RunRecords& records);
void erase_findings(const storage::Store& store, std::uint32_t run, RunRecords& records);

}  // namespace hhgrid::actors
