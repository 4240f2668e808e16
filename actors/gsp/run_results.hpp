#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/group_volumes.hpp"
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

/// `group_digest` of a GSP Group's results.
struct GroupDigest {
  core::GspGroup gsp_group;
  std::uint64_t digest = 0;
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
  core::ShapePolicy shape;            ///< What its load shapes are made with.
  std::uint64_t exception_count = 0;  ///< `for_each_exception` has them.
  std::vector<GroupDigest> groups;    ///< The GSP Groups that have results, by group.
  std::uint64_t digest = 0;           ///< `results_digest` of what it made.

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

/// What a GSP Group's partition knows of a run that it has settled.
struct GroupRun {
  std::uint32_t run = 0;
  storage::Position position;  ///< Of the run's message: Group Takes up to it count.
  std::uint64_t digest = 0;    ///< `group_digest` of the results.
};

// -- reading ------------------------------------------------------------------------------------
// Errors: damaged (names the record), newer_format, io.

using View = storage::Store::View;

// From the market partition's store:

/// Every run in the order of their numbers.
tl::expected<std::vector<RunInfo>, storage::Error> list_runs(const View& view);
/// The runs that are in flight or held, in the order of their numbers.
tl::expected<std::vector<RunInfo>, storage::Error> unsettled_runs(const View& view);
/// The run that a request asked for; nothing when there is none.
tl::expected<std::optional<RunInfo>, storage::Error> run_of_request(const View& view,
                                                                    std::uint64_t request_id);
tl::expected<std::optional<RunInfo>, storage::Error> read_run(const View& view,
                                                              std::uint32_t number);
/// By id, or `latest`: the published run with the highest number. Nothing when there is no such
/// run.
tl::expected<std::optional<RunInfo>, storage::Error> find_run(const View& view,
                                                              std::string_view id_or_latest);
/// The runs of a settlement day in the order of their numbers.
tl::expected<std::vector<RunInfo>, storage::Error> runs_of_day(const View& view,
                                                               core::SettlementDay day);

// Each calls `visit` for every row of a run, in export order (supplier, BMU, class; shapes by UTC
// day and group), until it returns false.

/// Sorted, without repeats.
tl::expected<void, storage::Error> for_each_exception(
    const View& view, std::uint32_t run, const std::function<bool(const core::Exception&)>& visit);
tl::expected<std::vector<core::Exception>, storage::Error> read_exceptions(const View& view,
                                                                           std::uint32_t run);
tl::expected<void, storage::Error> for_each_shape(
    const View& view, std::uint32_t run, const std::function<bool(const GroupDayShape&)>& visit);
/// One shape of a run; nothing when the run made none for that group and day.
tl::expected<std::optional<GroupDayShape>, storage::Error> read_shape(
    const View& view, std::uint32_t run, core::UtcDay day, const core::ShapeGroup& group);

// From the store of a GSP Group's partition. A run shows results once it is published or held: ask
// its record in the market partition first.

/// Every run that the group has settled, in the order of their numbers.
tl::expected<std::vector<GroupRun>, storage::Error> list_group_runs(const View& view);
/// With the groupRun entry that it was settled by; nothing when it has not settled the run.
tl::expected<std::optional<std::pair<GroupRun, std::string>>, storage::Error> read_group_run(
    const View& view, std::uint32_t run);
tl::expected<void, storage::Error> for_each_component(
    const View& view, std::uint32_t run, const std::function<bool(const ComponentRow&)>& visit);
/// From the records of the BMU actors, which are by settlement day.
tl::expected<void, storage::Error> for_each_bmu_volume(
    const View& view, const RunInfo& run, core::GspGroup gsp_group,
    const std::function<bool(const BmuVolumeRow&)>& visit);
tl::expected<void, storage::Error> for_each_factor(
    const View& view, std::uint32_t run, const std::function<bool(const FactorRow&)>& visit);
tl::expected<void, storage::Error> for_each_duos_volume(
    const View& view, std::uint32_t run, const std::function<bool(const DuosVolume&)>& visit);

}  // namespace hhgrid::actors
