#include "actors/gsp/run_results.hpp"

#include <algorithm>
#include <array>

#include "actors/gsp/run_results_key.hpp"
#include "core/decimal.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

constexpr std::size_t prefix_size = 1 + sizeof(std::uint32_t);  // tag and run number

std::string where_of(std::string_view key) { return "run record " + storage::printable_key(key); }

RunInfo run_info(schema::RunRecord::Reader record) {
  RunInfo run;
  run.number = record.getRunNumber();
  run.day = {record.getSettlementDay()};  // of a refused run it may be any
  run.code = read_settlement_code(record.getCode());
  run.cutoff = {record.getCutoff()};
  run.requested_at = {record.getRequestedAt()};
  run.request_id = record.getRequestId();
  run.status = record.getStatus();
  run.reason = record.getReason().cStr();
  run.standing_position = storage::Position::from_number(record.getStandingPosition());
  run.method =
      read_enumeration<core::CorrectionMethod>("correctionMethod", record.getCorrectionMethod(), 2);
  run.shape = read_shape_policy(record);
  run.digest = record.getDigest();
  for (const auto input : record.getPartitions())
    run.partitions.push_back({input.getPartition(),
                              storage::Position::from_number(input.getMarkerPosition()),
                              input.getLedgerDigest()});
  for (const auto exception : record.getExceptions())
    run.exceptions.push_back(read_exception(exception));
  return run;
}

/// Reads every record under a prefix; `read(key, root)` makes a row of it or throws, `visit` takes
/// the row.
template <class Record, class Read, class Visit>
tl::expected<void, Error> for_each(const View& view, const std::string& prefix, Read&& read,
                                   Visit&& visit) {
  std::optional<Error> failure;
  auto scanned =
      view.scan_prefix(Family::run, prefix, [&](std::string_view key, std::string_view value) {
        auto row = storage::read_record<Record>(value, where_of(key),
                                                [&](auto root) { return read(key, root); });
        if (row) return visit(*row);
        failure = row.error();
        return false;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

void require_complete(const run_key::Parts& parts) {
  if (!parts.complete()) throw TurnFailure("the key does not hold what it should");
}

ComponentRow component_row(std::string_view key, schema::ComponentRecord::Reader record) {
  run_key::Parts parts(key, prefix_size);
  ComponentRow row;
  row.gsp_group = parts.id<core::GspGroup>();
  core::Component& component = row.component;
  component.supplier = parts.id<core::SupplierId>();
  component.bmu = parts.id<core::BmuId>();
  component.ccc_id = parts.u16();
  parts.u8(), parts.u8(), parts.i32();  // quantity, indicator and weight stand in the record too
  require_complete(parts);
  component.quantity = read_enumeration<core::MeasurementQuantity>("quantity", record.getQuantity(),
                                                                   storage::quantity_count);
  component.indicator = read_enumeration<core::Indicator>("indicator", record.getIndicator(),
                                                          storage::indicator_count);
  component.weight_hundredths = record.getWeightHundredths();
  component.msid_count = record.getMsidCount();
  component.uncorrected_wh = read_stored_energy("uncorrectedWh", record.getUncorrectedWh());
  component.corrected_wh = read_stored_energy("correctedWh", record.getCorrectedWh());
  component.actual_wh = read_stored_energy("actualWh", record.getActualWh());
  component.defaulted_wh = read_stored_energy("defaultedWh", record.getDefaultedWh());
  return row;
}

BmuVolumeRow bmu_row(std::string_view key, schema::BmuVolumeRecord::Reader record) {
  run_key::Parts parts(key, prefix_size);
  BmuVolumeRow row;
  row.gsp_group = parts.id<core::GspGroup>();
  row.volume.supplier = parts.id<core::SupplierId>();
  row.volume.bmu = parts.id<core::BmuId>();
  require_complete(parts);
  row.volume.import_wh = read_stored_energy("importWh", record.getImportWh());
  row.volume.export_wh = read_stored_energy("exportWh", record.getExportWh());
  return row;
}

FactorRow factor_row(std::string_view key, schema::FactorRecord::Reader record) {
  run_key::Parts parts(key, prefix_size);
  FactorRow row;
  row.gsp_group = parts.id<core::GspGroup>();
  require_complete(parts);
  row.group_take_wh = read_stored_energy("groupTakeWh", record.getGroupTakeWh());
  row.uncorrected_wh = read_stored_energy("uncorrectedWh", record.getUncorrectedWh());
  row.gcf_import = read_stored_energy("gcfImport", record.getGcfImport());
  row.gcf_export = read_stored_energy("gcfExport", record.getGcfExport());
  row.residual_wh = read_stored_energy("residualWh", record.getResidualWh());
  return row;
}

DuosVolume duos_row(std::string_view key, schema::DuosRecord::Reader record) {
  run_key::Parts parts(key, prefix_size);
  DuosVolume row;
  row.gsp_group = parts.id<core::GspGroup>();
  row.distributor = parts.u8();
  row.supplier = parts.id<core::SupplierId>();
  row.duos_tariff = parts.id<core::DuosTariffId>();
  row.direction =
      read_enumeration<core::Direction>("direction", parts.u8(), storage::direction_count);
  row.domestic = parts.u8() != 0;
  require_complete(parts);
  row.uncorrected_wh = read_stored_energy("uncorrectedWh", record.getUncorrectedWh());
  row.actual_wh = read_stored_energy("actualWh", record.getActualWh());
  row.energised_count = record.getEnergisedCount();
  row.de_energised_count = record.getDeEnergisedCount();
  return row;
}

}  // namespace

bool has_results(const RunInfo& run) {
  return run.status == RunStatus::PUBLISHED || run.status == RunStatus::HELD;
}

bool was_released(const RunInfo& run) {
  return run.status == RunStatus::PUBLISHED && !run.reason.empty();
}

std::size_t exception_count(const RunInfo& run) {
  return run.exceptions.size() + (run.status == RunStatus::REFUSED ? 1 : 0);
}

std::string_view to_string(RunStatus status) {
  constexpr std::array<std::string_view, 5> names = {"requested", "collecting", "published", "held",
                                                     "refused"};
  const auto index = static_cast<std::size_t>(status);
  return index < names.size() ? names[index] : "unknown";
}

std::string RunInfo::id() const {
  return core::format_day(day.value) + "-" + std::string(core::to_string(code)) + "-" +
         std::to_string(number);
}

// -- runs ---------------------------------------------------------------------------------------

tl::expected<std::vector<RunInfo>, Error> list_runs(const View& view) {
  std::vector<RunInfo> runs;
  const auto read = for_each<schema::RunRecord>(
      view, std::string(1, run_key::run_tag),
      [](std::string_view, auto record) { return run_info(record); },
      [&](RunInfo& run) {
        runs.push_back(std::move(run));
        return true;
      });
  if (!read) return tl::unexpected(read.error());
  return runs;
}

tl::expected<std::optional<RunInfo>, Error> read_run(const View& view, std::uint32_t number) {
  const std::string key = run_key::run(number);
  const auto bytes = view.get(Family::run, key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto run = storage::read_record<schema::RunRecord>(**bytes, where_of(key), run_info);
  if (!run) return tl::unexpected(run.error());
  return std::move(*run);
}

tl::expected<std::optional<RunInfo>, Error> find_run(const View& view,
                                                     std::string_view id_or_latest) {
  if (id_or_latest == "latest") {
    auto runs = list_runs(view);
    if (!runs) return tl::unexpected(runs.error());
    const auto last = std::find_if(runs->rbegin(), runs->rend(), [](const RunInfo& run) {
      return run.status == RunStatus::PUBLISHED;
    });
    if (last == runs->rend()) return std::nullopt;
    return std::move(*last);
  }
  const auto dash = id_or_latest.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = core::parse_decimal(id_or_latest.substr(dash + 1), 0);
  if (!number || *number < 1 || *number > std::numeric_limits<std::uint32_t>::max())
    return std::nullopt;
  auto run = read_run(view, static_cast<std::uint32_t>(*number));
  if (run && *run && (*run)->id() != id_or_latest) return std::nullopt;
  return run;
}

tl::expected<std::vector<RunInfo>, Error> runs_of_day(const View& view, core::SettlementDay day) {
  const std::string prefix = run_key::day_prefix(day);
  std::vector<std::uint32_t> numbers;
  auto scanned = view.scan_prefix(Family::run, prefix, [&](std::string_view key, std::string_view) {
    numbers.push_back(storage::KeyReader(key.substr(prefix.size())).u32());
    return true;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  std::vector<RunInfo> runs;
  for (const std::uint32_t number : numbers) {
    auto run = read_run(view, number);
    if (!run) return tl::unexpected(run.error());
    if (!*run)
      return tl::unexpected(
          Error{Errc::damaged, "run " + std::to_string(number) + " has no record"});
    runs.push_back(std::move(**run));
  }
  return runs;
}

// -- rows of a run ------------------------------------------------------------------------------

tl::expected<void, Error> for_each_component(
    const View& view, std::uint32_t run, const std::function<bool(const ComponentRow&)>& visit) {
  return for_each<schema::ComponentRecord>(view, run_key::prefix(run_key::component_tag, run),
                                           component_row, visit);
}

tl::expected<void, Error> for_each_bmu_volume(
    const View& view, std::uint32_t run, const std::function<bool(const BmuVolumeRow&)>& visit) {
  return for_each<schema::BmuVolumeRecord>(view, run_key::prefix(run_key::bmu_tag, run), bmu_row,
                                           visit);
}

tl::expected<void, Error> for_each_factor(const View& view, std::uint32_t run,
                                          const std::function<bool(const FactorRow&)>& visit) {
  return for_each<schema::FactorRecord>(view, run_key::prefix(run_key::factor_tag, run), factor_row,
                                        visit);
}

tl::expected<void, Error> for_each_duos_volume(
    const View& view, std::uint32_t run, const std::function<bool(const DuosVolume&)>& visit) {
  return for_each<schema::DuosRecord>(view, run_key::prefix(run_key::duos_tag, run), duos_row,
                                      visit);
}

tl::expected<void, Error> for_each_shape(const View& view, std::uint32_t run,
                                         const std::function<bool(const GroupDayShape&)>& visit) {
  const auto read = [](std::string_view, schema::ShapeRecord::Reader record) {
    return read_shape_values(record.getValues());
  };
  return for_each<schema::ShapeRecord>(view, run_key::prefix(run_key::shape_tag, run), read, visit);
}

tl::expected<std::optional<GroupDayShape>, Error> read_shape(const View& view, std::uint32_t run,
                                                             core::UtcDay day,
                                                             const core::ShapeGroup& group) {
  const std::string key = run_key::shape(run, day, group);
  const auto bytes = view.get(Family::run, key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto shape = storage::read_record<schema::ShapeRecord>(
      **bytes, where_of(key), [](auto record) { return read_shape_values(record.getValues()); });
  if (!shape) return tl::unexpected(shape.error());
  return *shape;
}

}  // namespace hhgrid::actors
