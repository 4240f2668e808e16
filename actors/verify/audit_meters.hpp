#pragma once

#include <cstdint>
#include <vector>

#include "actors/meter/judgement_as_of.hpp"
#include "actors/meter/meter.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// When a partition's journal entries were received, from its records of blocks. Errors: damaged,
/// newer_format, io.
tl::expected<ReceivedTimes, storage::Error> read_received_times(const storage::Store::View& view);

/// A partition's meters as of a cut-off, by MPAN. Registrations and annual consumptions that do not
/// hold are left out, so whoever asks a meter for its terms need not say as of when.
class AuditMeters {
 public:
  struct Meter {
    core::Mpan mpan;
    MeterState state;
  };
  /// `judgement` is told of them, whole. Errors: damaged, newer_format, io.
  static tl::expected<AuditMeters, storage::Error> read(const storage::Store::View& view,
                                                        JudgementAsOf& judgement);

  const std::vector<Meter>& all() const { return meters_; }
  /// By the number that keys of versions have. Null when it is unknown. Scans ask in order of MPAN,
  /// so it looks where it found the last one, and after it. One caller.
  const MeterState* find(core::Mpan mpan);

 private:
  std::vector<Meter> meters_;
  std::size_t last_ = 0;
};

}  // namespace hhgrid::actors
