#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/allocation/settle.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// What one run allocated to a BM unit in one consumption component class.
struct BmuClassVolume {
  std::uint16_t ccc_id = 0;
  core::MeasurementQuantity quantity{};
  core::Indicator indicator{};
  core::PeriodEnergy allocated_wh{};  ///< Corrected, as the component has it.
  core::PeriodEnergy change_wh{};     ///< Against the run before; zeros in the first.
  bool only_before = false;           ///< The run before had it, this one does not.
  friend bool operator==(const BmuClassVolume&, const BmuClassVolume&) = default;
};

/// What one run gave a BM unit on a settlement day.
struct BmuRun {
  std::uint32_t run = 0;
  core::PeriodEnergy import_wh{}, export_wh{};
  std::uint32_t change_from_run = 0;    ///< The run that the changes are against; 0: none.
  std::vector<BmuClassVolume> classes;  ///< Also those that only the run before had.
  friend bool operator==(const BmuRun&, const BmuRun&) = default;
};

/// Who a BMU actor is: a unit of one supplier in the GSP Group of its partition. A unit in several
/// GSP Groups is one actor in each.
struct BmuAddress {
  core::SupplierId supplier;
  core::BmuId bmu;
  friend auto operator<=>(const BmuAddress&, const BmuAddress&) = default;
};

/// The BMU actor's state for one settlement day: what every run gave it, in the order of their
/// numbers. Nothing is overwritten; a run that is refused in the end is dropped.
struct BmuDay {
  BmuAddress address;
  core::SettlementDay day;
  std::vector<BmuRun> runs;
};

/// What a turn does: the runs to store, and the run to erase. Its messages are bmu_volumes.hpp and
/// bmu_run_dropped.hpp.
struct BmuEffects {
  std::vector<BmuRun> changed;
  std::optional<std::uint32_t> erased;
};

/// The run with its changes against `before`; null when there is none before.
BmuRun compared(BmuRun run, const BmuRun* before);
/// The last of the runs before `number`; null when there is none.
const BmuRun* run_before(const BmuDay& state, std::uint32_t number);
/// The first of the runs after `number`; null when there is none.
const BmuRun* run_after(const BmuDay& state, std::uint32_t number);

// -- records ------------------------------------------------------------------------------------

namespace bmu_key {

/// Keys of Family::actor in a GSP Group's partition: this tag, settlement day, supplier, unit, run.
inline constexpr char tag = 'u';
std::string of_day(core::SettlementDay day);
std::string of_unit(core::SettlementDay day, const BmuAddress& address);
std::string of_run(core::SettlementDay day, const BmuAddress& address, std::uint32_t run);

/// The parts of such a key; nothing when it is none.
struct Parts {
  core::SettlementDay day;
  BmuAddress address;
  std::uint32_t run = 0;
};
std::optional<Parts> read(std::string_view key);

}  // namespace bmu_key

std::string bmu_record(const BmuRun& run);
/// `where`: the place of the record. Errors: damaged, newer_format.
tl::expected<BmuRun, storage::Error> read_bmu_record(std::string_view key, std::string_view value,
                                                     const std::string& where);

/// Calls `visit` for every run's volumes of the units of a settlement day, by supplier, unit and
/// run, until it returns false. Errors: damaged (names the record), newer_format, io.
using VisitBmuRun = std::function<bool(const BmuAddress&, const BmuRun&)>;
tl::expected<void, storage::Error> for_each_bmu_run(const storage::Store::View& view,
                                                    core::SettlementDay day,
                                                    const VisitBmuRun& visit);
/// One unit's day; without runs when it has none.
tl::expected<BmuDay, storage::Error> read_bmu_day(const storage::Store::View& view,
                                                  core::SettlementDay day,
                                                  const BmuAddress& address);

}  // namespace hhgrid::actors
