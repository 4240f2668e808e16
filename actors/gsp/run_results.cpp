#include "actors/gsp/run_results.hpp"

#include <algorithm>
#include <array>

#include "actors/gsp/bmu.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "core/decimal.hpp"
#include "storage/store/table.hpp"
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
  run.exception_count = record.getExceptionCount();
  for (const auto group : record.getGroups()) {
    const auto gsp_group = core::GspGroup::parse(std::string_view(group.getGspGroup().cStr()));
    if (!gsp_group) refuse_field("gspGroup", group.getGspGroup().cStr(), "is no GSP Group");
    run.groups.push_back({*gsp_group, group.getDigest()});
  }
  return run;
}

/// Reads every record under a prefix; `read(key, root)` makes a row of it or throws, `visit` takes
/// the row.
template <class Record, class Read, class Visit>
tl::expected<void, Error> for_each(const View& view, const std::string& prefix, Read&& read,
                                   Visit&& visit) {
  // Without a tag: the rows' own parts tell what stands where in the whole key.
  return storage::Table<Record>(Family::run)
      .each(view, prefix, [&](storage::KeyReader& key, typename Record::Reader root) {
        auto row = read(key.rest(), root);
        return visit(row);
      });
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
  return run.exception_count + (run.status == RunStatus::REFUSED ? 1 : 0);
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

namespace {

tl::expected<std::vector<RunInfo>, Error> runs_of(const View& view,
                                                  const std::vector<std::uint32_t>& numbers) {
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

}  // namespace

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

tl::expected<std::vector<RunInfo>, Error> unsettled_runs(const View& view) {
  std::vector<std::uint32_t> numbers;
  auto scanned = storage::each_key(view, Family::run, std::string(1, run_key::unsettled_tag),
                                   [&](storage::KeyReader& key) { numbers.push_back(key.u32()); });
  if (!scanned) return tl::unexpected(scanned.error());
  return runs_of(view, numbers);
}

tl::expected<std::optional<RunInfo>, Error> run_of_request(const View& view,
                                                           std::uint64_t request_id) {
  const auto bytes = view.get(Family::run, run_key::request(request_id));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return read_run(view, storage::KeyReader(**bytes).u32());
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

namespace {

/// From the newest run backwards.
tl::expected<std::optional<RunInfo>, Error> latest_published(const View& view) {
  std::string before(1, run_key::run_tag + 1);
  for (;;) {
    const auto found = view.last_before(Family::run, before);
    if (!found) return tl::unexpected(found.error());
    if (!*found || (*found)->first.front() != run_key::run_tag) return std::nullopt;
    auto run = storage::read_record<schema::RunRecord>((*found)->second, where_of((*found)->first),
                                                       run_info);
    if (!run) return tl::unexpected(run.error());
    if (run->status == RunStatus::PUBLISHED) return std::move(*run);
    before = (*found)->first;
  }
}

}  // namespace

tl::expected<std::optional<RunInfo>, Error> find_run(const View& view,
                                                     std::string_view id_or_latest) {
  if (id_or_latest == "latest") return latest_published(view);
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
  std::vector<std::uint32_t> numbers;
  auto scanned = storage::each_key(view, Family::run, run_key::day_prefix(day),
                                   [&](storage::KeyReader& key) { numbers.push_back(key.u32()); });
  if (!scanned) return tl::unexpected(scanned.error());
  return runs_of(view, numbers);
}

// -- rows of a run ------------------------------------------------------------------------------

tl::expected<void, Error> for_each_exception(
    const View& view, std::uint32_t run, const std::function<bool(const core::Exception&)>& visit) {
  const auto read = [](std::string_view, schema::RunExceptionsRecord::Reader record) {
    std::vector<core::Exception> part;
    for (const auto exception : record.getExceptions()) part.push_back(read_exception(exception));
    return part;
  };
  return for_each<schema::RunExceptionsRecord>(view, run_key::prefix(run_key::exceptions_tag, run),
                                               read, [&](const std::vector<core::Exception>& part) {
                                                 return std::all_of(part.begin(), part.end(),
                                                                    visit);
                                               });
}

tl::expected<std::vector<core::Exception>, Error> read_exceptions(const View& view,
                                                                  std::uint32_t run) {
  std::vector<core::Exception> exceptions;
  auto read = for_each_exception(view, run, [&](const core::Exception& exception) {
    exceptions.push_back(exception);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return exceptions;
}

namespace {

GroupRun group_run(std::string_view key, schema::GroupRunRecord::Reader record) {
  storage::KeyReader reader(key.substr(1));
  const std::uint32_t number = reader.u32();
  if (!reader.complete()) throw TurnFailure("the key does not hold what it should");
  return {number, storage::Position::from_number(record.getPosition()), record.getDigest()};
}

}  // namespace

tl::expected<std::vector<GroupRun>, Error> list_group_runs(const View& view) {
  std::vector<GroupRun> runs;
  auto read = for_each<schema::GroupRunRecord>(view, std::string(1, run_key::order_tag), group_run,
                                               [&](const GroupRun& run) {
                                                 runs.push_back(run);
                                                 return true;
                                               });
  if (!read) return tl::unexpected(read.error());
  return runs;
}

tl::expected<std::optional<std::pair<GroupRun, std::string>>, Error> read_group_run(
    const View& view, std::uint32_t run) {
  const std::string key = run_key::order(run);
  const auto bytes = view.get(Family::run, key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto read = storage::read_record<schema::GroupRunRecord>(**bytes, where_of(key), [&](auto in) {
    const auto order = in.getOrder().asChars();
    return std::pair(group_run(key, in), std::string(order.begin(), order.size()));
  });
  if (!read) return tl::unexpected(read.error());
  return std::move(*read);
}

tl::expected<void, Error> for_each_component(
    const View& view, std::uint32_t run, const std::function<bool(const ComponentRow&)>& visit) {
  return for_each<schema::ComponentRecord>(view, run_key::prefix(run_key::component_tag, run),
                                           component_row, visit);
}

tl::expected<void, Error> for_each_bmu_volume(
    const View& view, const RunInfo& run, core::GspGroup gsp_group,
    const std::function<bool(const BmuVolumeRow&)>& visit) {
  return for_each_bmu_run(view, run.day, [&](const BmuAddress& address, const BmuRun& given) {
    if (given.run != run.number) return true;
    return visit({gsp_group, {address.supplier, address.bmu, given.import_wh, given.export_wh}});
  });
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
