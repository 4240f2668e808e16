#pragma once

#include <tl/expected.hpp>

#include "net/files/file_kind.hpp"
#include "net/files/ingest_error.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {

/// Takes what a simulation makes, kind by kind. After `begin` only values of that kind come.
class SimulationOutput {
 public:
  virtual ~SimulationOutput() = default;
  /// `late`: what is delivered later, apart from the rest.
  virtual void begin(FileKind kind, bool late) = 0;
  virtual void put(const storage::BankHoliday& holiday) = 0;
  virtual void put(const core::Bmu& bmu) = 0;
  virtual void put(const core::ComponentClass& component_class) = 0;
  virtual void put(const storage::LineLosses& losses) = 0;
  virtual void put(const core::DefaultShapeRow& row) = 0;
  virtual void put(const storage::GroupTake& take) = 0;
  virtual void put(const storage::RunDateRow& row) = 0;
  virtual void put(const storage::Registration& registration) = 0;
  virtual void put(const storage::AnnualConsumption& annual) = 0;
  virtual void put(const storage::ConsumptionDay& day) = 0;
  /// Nothing more comes. Errors: not_written, not_stored; the first that happened.
  virtual tl::expected<void, IngestError> finish() = 0;
};

}  // namespace hhgrid::net
