#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "actors/host/fold.hpp"
#include "actors/meter/meter.hpp"
#include "actors/meter/resident_meters.hpp"
#include "actors/meter/terms_table.hpp"

namespace hhgrid::actors {

/// All meters of a partition: those in memory, and the others in the store, from where a message
/// activates them. Knows every meter's number.
class MeterTable {
 public:
  using Resident = ResidentMeters::Resident;

  /// `resident_bytes_max`: states beyond that are passivated. `terms` must outlive the table.
  MeterTable(storage::Store& store, const TermsTable& terms, std::size_t resident_bytes_max)
      : store_(store), terms_(terms), resident_bytes_max_(resident_bytes_max) {}

  /// The meter's actor, activated from the store or made new. Throws StoreFailure when its record
  /// is damaged.
  Resident& activate(core::Mpan mpan);
  /// A meter that exists, without activating it: what looks at all of them must not make them all
  /// resident. Valid until `scratch` changes or a meter is activated. Throws StoreFailure.
  const MeterState& peek(core::Mpan mpan, MeterState& scratch) const;
  /// A meter's new state, to be written with the block's commit.
  void change(Resident& meter, MeterState state);

  /// By meter number.
  const std::vector<core::Mpan>& mpans() const { return mpans_; }
  std::uint32_t count() const { return count_; }
  std::size_t resident() const { return resident_.size(); }
  std::uint64_t activations() const { return activations_; }
  std::uint64_t passivations() const { return passivations_; }
  std::size_t memory_bytes() const;

  /// Some turns ahead: what the meter needs comes into the processor's caches.
  void prefetch_place(core::Mpan mpan) const { resident_.prefetch_place(mpan); }
  const Resident* prefetch_state(core::Mpan mpan) const { return resident_.prefetch_state(mpan); }

  /// Before `load`: how many numbers have been handed out.
  void set_count(std::uint32_t count) { count_ = count; }
  tl::expected<void, storage::Error> load();
  /// Puts the meters changed since the last call.
  void write(storage::Commit& commit);
  /// Drops states beyond the limit, least recently used first; only after the commit of their
  /// changes.
  void passivate();

 private:
  void mark_dirty(Resident& meter);
  /// Nothing when the store has none. Throws StoreFailure when the record is damaged.
  std::optional<MeterState> stored(core::Mpan mpan) const;
  /// Throws when a field does not hold: also a number or terms that the partition does not have.
  MeterState read(schema::MeterRecord::Reader record) const;

  storage::Store& store_;
  const TermsTable& terms_;
  std::size_t resident_bytes_max_;
  ResidentMeters resident_;
  std::vector<core::Mpan> mpans_;
  std::uint32_t count_ = 0;
  std::size_t resident_bytes_ = 0;
  std::uint64_t activations_ = 0, passivations_ = 0;
  std::vector<core::Mpan> dirty_;
};

}  // namespace hhgrid::actors
