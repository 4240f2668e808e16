#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/gsp_group.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/host/message_codec.hpp"
#include "core/allocation/settle.hpp"
#include "core/calendar.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// A meter partition's part in a run.
struct PartitionInput {
  storage::PartitionId partition = 0;
  storage::Position marker_position;  ///< Of the run marker in that partition's journal.
  std::uint64_t ledger_digest = 0;
};

/// The rules of settlement that a run is asked for with. They come with its order and are kept with
/// it, so that neither a replay nor an audit depends on today's settings.
struct RunPolicy {
  core::CorrectionMethod method = core::CorrectionMethod::import_export;
  core::ShapePolicy shape;
};

/// A run: what it was asked for, what it used, how it ended.
struct RunInfo {
  std::uint32_t number = 0;
  core::SettlementDay day;
  core::SettlementCode code{};
  core::Instant cutoff, requested_at;
  std::uint64_t request_id = 0;
  RunStatus status = RunStatus::REQUESTED;
  std::string reason;  ///< Why it is held or refused.
  storage::Position
      standing_position;  ///< The market journal's position whose standing data it uses.
  std::vector<PartitionInput> partitions;  ///< By partition.
  core::CorrectionMethod method{};
  core::ShapePolicy shape;                  ///< What its load shapes are made with.
  std::vector<core::Exception> exceptions;  ///< Sorted, without repeats.
  std::uint64_t digest = 0;                 ///< `results_digest` of what it stored.

  /// `2013-03-31-II-1`: settlement day, code, run number.
  std::string id() const;
};
/// True of a run that wrote results: published, or held until it is released.
bool has_results(const RunInfo& run);
/// True of a run that was held and then released: it keeps the reason.
bool was_released(const RunInfo& run);
/// How many rows the export of its exceptions has: why it was refused is one of them.
std::size_t exception_count(const RunInfo& run);
std::string_view to_string(RunStatus status);

/// The correction of a GSP Group; factors are 1e-9.
struct FactorRow {
  core::GspGroup gsp_group;
  core::PeriodEnergy group_take_wh{}, uncorrected_wh{}, gcf_import{}, gcf_export{}, residual_wh{};
};
struct ComponentRow {
  core::GspGroup gsp_group;
  core::Component component;
};
struct BmuVolumeRow {
  core::GspGroup gsp_group;
  core::BmuVolume volume;
};

// -- reading ------------------------------------------------------------------------------------
// From the market partition's store. Errors: damaged (names the record), newer_format, io.

using View = storage::Store::View;

/// Every run in the order of their numbers.
tl::expected<std::vector<RunInfo>, storage::Error> list_runs(const View& view);
tl::expected<std::optional<RunInfo>, storage::Error> read_run(const View& view,
                                                              std::uint32_t number);
/// By id, or `latest`: the published run with the highest number. Nothing when there is no such
/// run.
tl::expected<std::optional<RunInfo>, storage::Error> find_run(const View& view,
                                                              std::string_view id_or_latest);
/// The runs of a settlement day in the order of their numbers.
tl::expected<std::vector<RunInfo>, storage::Error> runs_of_day(const View& view,
                                                               core::SettlementDay day);

// Each calls `visit` for every row of a run, in export order (GSP Group, supplier, BMU, class;
// shapes by UTC day and group), until it returns false. A run shows results once it is published or
// held; ask its status.
tl::expected<void, storage::Error> for_each_component(
    const View& view, std::uint32_t run, const std::function<bool(const ComponentRow&)>& visit);
tl::expected<void, storage::Error> for_each_bmu_volume(
    const View& view, std::uint32_t run, const std::function<bool(const BmuVolumeRow&)>& visit);
tl::expected<void, storage::Error> for_each_factor(
    const View& view, std::uint32_t run, const std::function<bool(const FactorRow&)>& visit);
tl::expected<void, storage::Error> for_each_duos_volume(
    const View& view, std::uint32_t run, const std::function<bool(const DuosVolume&)>& visit);
tl::expected<void, storage::Error> for_each_shape(
    const View& view, std::uint32_t run, const std::function<bool(const GroupDayShape&)>& visit);
/// One shape of a run; nothing when the run made none for that group and day.
tl::expected<std::optional<GroupDayShape>, storage::Error> read_shape(
    const View& view, std::uint32_t run, core::UtcDay day, const core::ShapeGroup& group);

// -- digest -------------------------------------------------------------------------------------

/// XXH64 over the canonical bytes of a run's results; what `hhgrid audit` compares first.
/// Settlements and shapes may come in any order. Canonical: per settlement by GSP Group `G`, group,
/// period count, then group take, uncorrected, both factors, residual; its components in their
/// order (`C`, supplier, BMU, class, quantity, indicator, weight, count, uncorrected, corrected,
/// actual, defaulted) and BMUs (`B`, supplier, BMU, import, export); then shapes by UTC day and
/// group (`S`, day, group, values, flags, counts, totals). Numbers are 8 bytes little endian, texts
/// end in a zero, period arrays carry all 50 slots, 48 for shapes.
std::uint64_t results_digest(const std::vector<core::GroupSettlement>& settlements,
                             const std::vector<GroupDayShape>& shapes);

}  // namespace hhgrid::actors
