#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "actors/host/fold.hpp"
#include "actors/meter/ledger.hpp"
#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/resident_meters.hpp"
#include "actors/meter/terms_table.hpp"
#include "actors/meter/versions.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

struct MeterFoldOptions {
  /// Resident meter states beyond this are written back and dropped (passivation).
  std::size_t resident_bytes_max = std::size_t{256} << 20;
  std::size_t ledger_days_max = 4;
  /// For tests of supervision: called before every meter turn; may throw.
  std::function<void(core::Mpan)> before_turn;
};

/// Counters of a meter partition since it was opened.
struct MeterFoldCounts {
  std::uint64_t accepted = 0;   ///< Versions stored, registrations and annual consumptions taken.
  std::uint64_t unchanged = 0;  ///< Entries that said what counts already.
  std::uint64_t unregistered = 0;  ///< Versions accepted of meters that have no registration yet.
  std::uint64_t activations = 0, passivations = 0;
};

/// A meter partition: hosts the meter actors of one hash slot. Keeps their consumption versions,
/// the ledger of running sums, and answers run markers with frozen sums and defaults.
class MeterFold : public Fold {
 public:
  MeterFold(Identity identity, storage::Store& store, const core::SettlementCalendar& calendar,
            MeterFoldOptions options);

  const MeterFoldCounts& counts() const { return counts_; }
  std::size_t resident_meters() const { return meters_.size(); }
  std::uint32_t meter_count() const { return meter_count_; }
  /// Bytes of resident meter state, presence maps and ledger days.
  std::size_t memory_bytes() const;

 protected:
  tl::expected<void, storage::Error> load_state() override;
  void turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
            const TurnContext& context) override;
  void expect(kj::ArrayPtr<const capnp::word> bytes) override;
  std::string address_of(const schema::Entry::Reader& entry) const override;
  bool answers_failure(const schema::Entry::Reader& entry, const std::string& reason) override;
  void turn_failed(const schema::Entry::Reader& entry, const TurnContext& context) override;
  void turn_replayed(const schema::Entry::Reader& entry) override;
  void write_state(storage::Commit& commit) override;
  void committed() override;
  void write_meta(schema::MetaRecord::Builder meta) const override;
  void read_meta(schema::MetaRecord::Reader meta) override;

 private:
  // -- meters: meter_activation.cpp
  using Resident = ResidentMeters::Resident;
  /// The meter's actor, activated from the store or made new. Throws StoreFailure when its record
  /// is damaged.
  Resident& activate(std::uint64_t mpan);
  /// A meter that exists, without activating it: what looks at all of them must not make them all
  /// resident. Valid until `scratch` changes or a meter is activated. Throws TurnFailure.
  const MeterState& peek(std::uint64_t mpan, MeterState& scratch);
  /// Nothing when the store has none. Throws TurnFailure when the record is damaged.
  std::optional<MeterState> stored_meter(std::uint64_t mpan) const;
  /// Error: damaged (also: a number or terms that the partition does not have), newer_format.
  tl::expected<MeterState, storage::Error> read_meter(std::uint64_t mpan,
                                                      std::string_view bytes) const;
  void mark_dirty(Resident& meter);
  void passivate();
  const std::vector<core::UtcDaySpan>& spans_of(core::UtcDay day);
  LedgerDay& ledger_day(core::SettlementDay day);

  // -- consumption and registrations: meter_turns.cpp
  void consumption_turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                        const TurnContext& context);
  void registration_turn(const schema::Entry::Reader& entry, const TurnContext& context);
  void annual_consumption_turn(const schema::Entry::Reader& entry, const TurnContext& context);
  const std::vector<std::uint32_t>& pending_of(core::UtcDay day, std::uint64_t mpan,
                                               core::MeasurementQuantity quantity);
  MeterDay counting_day_in_block(core::UtcDay day, std::uint64_t mpan,
                                 core::MeasurementQuantity quantity, const AsOf& as_of = {});
  bool is_repeat(const storage::ConsumptionDay& version, const MeterDay& counting,
                 const TurnContext& context);
  template <class Versions, class StandsFor, class Same>
  bool holds_from(const Versions& versions, core::Instant received, StandsFor&& stands_for,
                  Same&& same) const;
  void account_day(const MeterState& meter, core::UtcDay day, core::MeasurementQuantity quantity,
                   const MeterDay& values, std::uint64_t periods, int sign);
  void move_volumes(std::uint64_t mpan, const MeterState& before, const MeterState& after);

  // -- runs: meter_runs.cpp, meter_shape_sums.cpp, meter_defaults.cpp
  struct Missing {
    std::uint64_t mpan = 0;
    TermsId terms = 0;
    core::MeasurementQuantity quantity{};
    struct Day {
      core::UtcDay day;
      std::uint64_t periods = 0;
      std::optional<core::WattHours> annual_consumption;
    };
    std::vector<Day> days;
  };
  struct Frozen {
    const LedgerDay* rows = nullptr;  ///< The running ledger's or `recomputed`.
    std::unique_ptr<LedgerDay> recomputed;
    std::map<TermsId, std::uint32_t> registered;
    std::vector<Missing> missing;
  };
  void marker_turn(schema::RunMarker::Reader marker, const TurnContext& context);
  void shapes_turn(schema::RunShapes::Reader shapes);
  void forget_run(std::uint32_t run);
  Frozen freeze(core::SettlementDay day);
  void say_what_governs(core::SettlementDay day, std::vector<Missing>& missing_meters);
  Frozen freeze_as_of(core::SettlementDay day, const AsOf& as_of);
  bool newer_than(core::SettlementDay day, core::Instant cutoff) const;
  using ShapeSumsByGroup = std::map<core::ShapeGroup, core::ShapeSums>;
  std::map<core::UtcDay, ShapeSumsByGroup> shape_deltas();
  std::map<core::UtcDay, ShapeSumsByGroup> run_only_deltas(core::SettlementDay day,
                                                           const AsOf& as_of);
  ShapeSumsByGroup current_shape_sums(core::UtcDay day);
  void put_missing(std::uint32_t run, core::SettlementDay day, const std::vector<Missing>& missing);
  std::vector<Missing> get_missing(std::uint32_t run, core::SettlementDay& day) const;
  void write_components(const Frozen& frozen, schema::RunSums::Builder out);
  ShapeSumsByGroup told_shape_sums(core::UtcDay day) const;

  const core::SettlementCalendar& calendar_;
  MeterFoldOptions options_;
  MeterFoldCounts counts_;
  TermsTable terms_;
  Ledger ledger_;
  Presence presence_;
  Population population_;
  ResidentMeters meters_;
  std::vector<std::uint64_t> mpans_;  // by meter number
  std::uint32_t meter_count_ = 0;
  std::size_t resident_bytes_ = 0;
  core::Instant newest_registration_{std::numeric_limits<std::int64_t>::min()};
  std::set<core::SettlementDay> unsent_days_;  // changed since the market partition was told
  std::set<core::SettlementDay> new_unsent_days_, sent_days_;  // of this block

  // -- of the block being applied
  struct PendingVersion {
    VersionKey key;
    kj::ArrayPtr<const capnp::word> bytes;
  };
  std::array<std::uint64_t, 8> expected_{};  // meters told to `expect`, whose place is on its way
  std::size_t next_expected_ = 0;
  std::vector<PendingVersion> pending_;
  absl::flat_hash_map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::uint32_t>>
      pending_index_;
  std::size_t pending_indexed_ = 0;
  std::vector<std::uint64_t> dirty_meters_;
  std::vector<std::pair<std::string, std::string>> run_puts_;
  std::vector<std::string> run_erasures_;
  std::vector<std::pair<std::string, std::string>> sent_puts_;
  core::UtcDay spans_day_{std::numeric_limits<std::int32_t>::min()};
  std::vector<core::UtcDaySpan> spans_;
};

/// What the keys of a run's defaults begin with, in Family::run of the meter partitions.
std::string defaults_prefix(std::uint32_t run);
/// The key of what a run defaulted for a meter (schema::MeterDefaults).
std::string defaults_key(std::uint32_t run, std::uint64_t mpan, core::MeasurementQuantity quantity);
/// What such a key says beside the run; nothing when it is no such key.
struct DefaultsKey {
  std::uint64_t mpan = 0;
  core::MeasurementQuantity quantity{};
};
std::optional<DefaultsKey> read_defaults_key(std::string_view key);

}  // namespace hhgrid::actors
