#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/gsp/gsp_fold.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/market/market_fold.hpp"
#include "actors/meter/meter_fold.hpp"
#include "core/calendar.hpp"
#include "storage/store/store_set.hpp"
#include "storage/wire/entry_codec.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::actors::test {

using Entry = kj::Array<capnp::word>;

// -- a small world: two GSP Groups, two suppliers ------------------------------------------------

core::SettlementDay settlement_day(std::string_view text);
core::UtcDay utc_day(std::string_view text);
/// The day and the cut-off of the run that a test has one of.
inline const core::SettlementDay run_day = settlement_day("2013-01-15");
inline constexpr core::Instant cutoff{1'358'500'000'000};
/// The 13 digits of the n-th meter.
core::Mpan meter_mpan(std::uint64_t n);
/// Terms number 0 to terms_variants - 1: GSP Group, supplier, segment, connection, domestic,
/// direction, energisation vary.
core::Terms terms_variant(unsigned n);
inline constexpr unsigned terms_variants = 128;

Entry registration_entry(core::Mpan mpan, core::SettlementDay from, core::SettlementDay to,
                         const core::Terms& terms);
Entry annual_consumption_entry(core::Mpan mpan, core::SettlementDay from,
                               core::WattHours energy_wh);
/// The only register of a main device for import, fitted still.
Entry meter_register_entry(core::Mpan mpan, core::Instant installed_at, core::WattHours maximum_wh);
/// One value in all the periods of `present`.
Entry consumption_entry(
    core::Mpan mpan, core::UtcDay day, core::WattHours energy_wh,
    std::uint64_t present = core::all_periods_mask,
    core::MeasurementQuantity quantity = core::MeasurementQuantity::active_import,
    core::Quality quality = core::Quality::a);
Entry consumption_entry(const storage::ConsumptionDay& day);
Entry group_take_entry(std::string_view group, core::SettlementDay day, core::WattHours energy_wh);
Entry line_losses_entry(std::string_view llfc, core::SettlementDay day, std::uint16_t thousandths);
Entry bank_holiday_entry(std::int32_t day);
/// BM units and component classes of every terms variant, default shapes for half of them, and
/// Group Takes and line losses of the days first to last.
std::vector<Entry> standing_entries(core::SettlementDay first, core::SettlementDay last,
                                    core::WattHours take_wh = 2'500);

// -- a grid without actors ------------------------------------------------------------------------

using ScratchDirectory = tests::FastDirectory;

/// Folds of every kind over real stores, on one thread; a GSP Group's is there when it is needed.
/// The journal is what has been appended; messages between partitions go out one by one when the
/// test says so. Whatever fails throws.
class FoldGrid {
 public:
  explicit FoldGrid(storage::PartitionId partitions = 2, core::ShapePolicy shape = {},
                    MeterFoldOptions options = {});

  static const core::SettlementCalendar& calendar();
  storage::PartitionId market() const { return topology_.market(); }

  /// Blocks appended from now on name a participant; an empty one: nobody.
  void name_sender(const core::ParticipantId& participant) { participant_ = participant; }
  /// Blocks appended from now on are of this delivery, and it may be gone on with; 0: each is a
  /// delivery of its own.
  void name_delivery(std::uint64_t delivery) { delivery_ = delivery; }
  /// One block at the end of a partition's journal.
  void append(storage::PartitionId partition, core::Instant received_at,
              const std::vector<Entry>& entries);
  void append(storage::PartitionId partition, core::Instant received_at, Entry entry);
  /// The same to the partition that owns the meter.
  void append(core::Mpan mpan, core::Instant received_at, Entry entry);
  /// Standing data to the partitions that keep them: Group Takes to those of their groups, all else
  /// to the market's.
  void append_standing(core::Instant received_at, const std::vector<Entry>& entries);
  void append_standing(core::Instant received_at, Entry entry);
  storage::PartitionId owner(core::Mpan mpan) const;

  /// How many partitions have messages to send.
  std::size_t senders_waiting();
  /// Brings the oldest block of the `n`-th of them to its destination.
  void deliver_one(std::size_t n = 0);
  /// Until nothing is on the way.
  void deliver();

  /// Asks for a run; its number is known at once, its results after `deliver`.
  std::uint32_t request_run(core::SettlementDay day, core::Instant cutoff, core::Instant now);
  RunInfo run_info(std::uint32_t number) const;

  /// Flushes, closes and opens every store, and loads every fold.
  void reopen();

  /// The partition of a GSP Group: `_C`.
  storage::PartitionId gsp_group(std::string_view group) const;
  Fold& fold(storage::PartitionId partition);
  storage::Store& store(storage::PartitionId partition);
  storage::StoreSet stores() const;
  /// Puts a record where the fold does not know of it.
  void tamper(storage::PartitionId partition, storage::Family family, std::string_view key,
              std::string_view value);
  void remove(storage::PartitionId partition, storage::Family family, std::string_view key);
  /// The records of a family whose keys begin with `prefix`.
  std::map<std::string, std::string> records(storage::PartitionId partition, storage::Family family,
                                             std::string_view prefix = {}) const;

 private:
  void open(storage::PartitionId partition);

  ScratchDirectory directory_;
  storage::Topology topology_;
  core::ShapePolicy shape_;
  MeterFoldOptions options_;
  std::vector<std::unique_ptr<storage::Store>> stores_;  // by partition; null: not needed yet
  std::vector<std::unique_ptr<Fold>> folds_;
  std::vector<storage::BlockNumber> ends_;
  core::ParticipantId participant_;
  std::uint64_t appended_ = 0;  // blocks, each a delivery of its own
  std::uint64_t delivery_ = 0;
  std::map<std::pair<storage::PartitionId, std::uint64_t>, std::uint64_t> delivered_;  // blocks of
  std::vector<std::deque<OutboxBlock>> outboxes_;
  std::uint32_t runs_ = 0;
};

}  // namespace hhgrid::actors::test
