#pragma once

#include <cstdint>
#include <optional>

#include "app/context.hpp"
#include "net/files/ingest.hpp"
#include "net/service/grid_service.hpp"

namespace hhgrid::app {

/// What the partitions have done with their entries so far.
struct EntryCounts {
  std::uint64_t accepted = 0, unchanged = 0, dead_letters = 0;
  std::uint64_t unregistered = 0;     ///< Accepted readings of meters without a registration.
  std::uint64_t not_registered = 0;   ///< Those of days that no registration of the meter covers.
  std::uint64_t refused_periods = 0;  ///< Half hours that the meters refused.
  std::uint64_t refused_registrations = 0;  ///< Registrations that the meters refused.
  std::uint64_t refused_annual_consumptions = 0;
  std::uint64_t refused_registers = 0;
  std::uint64_t refused_rows = 0;  ///< Rows of standing data (periods of them) that were refused.
};
/// Errors: GridService::status's.
tl::expected<EntryCounts, storage::Error> count_entries(net::GridService& grid);

/// What became of an ingestion: rows at the gateway, entries in the partitions.
struct IngestReport {
  net::IngestSummary summary;
  EntryCounts before, after;
  double seconds = 0;
  std::optional<Failure> not_stored;  ///< Why the grid did not take everything.

  /// Prints it and says what the command ends with; failures are reported here, beside the summary.
  Result<ExitCode> print(const Context& context) const;

 private:
  ExitCode exit_code() const;
  std::string json() const;
  std::string text(const Context& context) const;
  std::vector<std::string> errors() const;
  std::uint64_t unregistered() const;
  std::uint64_t not_registered() const;
  std::uint64_t refused_periods() const;
  std::uint64_t refused_registrations() const;
  std::uint64_t refused_annual_consumptions() const;
  std::uint64_t refused_registers() const;
  std::uint64_t refused_rows() const;
};

}  // namespace hhgrid::app
