#include "actors/gsp/run_results_write.hpp"

#include <algorithm>

#include "actors/gsp/run_results_key.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::RecordBuilder;

std::string component_bytes(const core::Component& component) {
  RecordBuilder<schema::ComponentRecord> record;
  record->setQuantity(storage::number(component.quantity));
  record->setIndicator(storage::number(component.indicator));
  record->setWeightHundredths(component.weight_hundredths);
  record->setMsidCount(component.msid_count);
  write_trimmed(component.uncorrected_wh, [&](unsigned n) { return record->initUncorrectedWh(n); });
  write_trimmed(component.corrected_wh, [&](unsigned n) { return record->initCorrectedWh(n); });
  write_trimmed(component.actual_wh, [&](unsigned n) { return record->initActualWh(n); });
  write_trimmed(component.defaulted_wh, [&](unsigned n) { return record->initDefaultedWh(n); });
  return record.bytes();
}

std::string factor_bytes(const core::GroupSettlement& group) {
  RecordBuilder<schema::FactorRecord> record;
  write_trimmed(group.group_take_wh, [&](unsigned n) { return record->initGroupTakeWh(n); });
  write_trimmed(group.uncorrected_wh, [&](unsigned n) { return record->initUncorrectedWh(n); });
  write_trimmed(group.gcf_import, [&](unsigned n) { return record->initGcfImport(n); });
  write_trimmed(group.gcf_export, [&](unsigned n) { return record->initGcfExport(n); });
  write_trimmed(group.residual_wh, [&](unsigned n) { return record->initResidualWh(n); });
  return record.bytes();
}

std::string duos_bytes(const DuosVolume& volume) {
  RecordBuilder<schema::DuosRecord> record;
  write_trimmed(volume.uncorrected_wh, [&](unsigned n) { return record->initUncorrectedWh(n); });
  write_trimmed(volume.actual_wh, [&](unsigned n) { return record->initActualWh(n); });
  record->setEnergisedCount(volume.energised_count);
  record->setDeEnergisedCount(volume.de_energised_count);
  return record.bytes();
}

}  // namespace

void write_policy(const RunPolicy& policy, schema::RunRequest::Builder out) {
  out.setCorrectionMethod(storage::number(policy.method));
  write_shape_policy(policy.shape, out);
}

RunPolicy read_policy(schema::RunRequest::Reader in) {
  RunPolicy policy;
  policy.method =
      read_enumeration<core::CorrectionMethod>("correctionMethod", in.getCorrectionMethod(), 2);
  policy.shape = read_shape_policy(in);
  return policy;
}

void write_run(const RunInfo& run, MarketEffects& effects) {
  RecordBuilder<schema::RunRecord> record;
  record->setRunNumber(run.number);
  record->setSettlementDay(run.day.value);
  record->setCode(storage::number(run.code));
  record->setCutoff(run.cutoff.milliseconds);
  record->setStatus(run.status);
  record->setReason(run.reason);
  record->setStandingPosition(run.standing_position.number());
  record->setRequestId(run.request_id);
  record->setCorrectionMethod(storage::number(run.method));
  write_shape_policy(run.shape, *record);
  record->setDigest(run.digest);
  record->setRequestedAt(run.requested_at.milliseconds);
  auto partitions = record->initPartitions(static_cast<unsigned>(run.partitions.size()));
  for (unsigned i = 0; i < partitions.size(); ++i) {
    partitions[i].setPartition(run.partitions[i].partition);
    partitions[i].setMarkerPosition(run.partitions[i].marker_position.number());
    partitions[i].setLedgerDigest(run.partitions[i].ledger_digest);
  }
  record->setExceptionCount(run.exception_count);
  auto groups = record->initGroups(static_cast<unsigned>(run.groups.size()));
  for (unsigned i = 0; i < groups.size(); ++i) {
    groups[i].setGspGroup(run.groups[i].gsp_group.to_string());
    groups[i].setDigest(run.groups[i].digest);
  }
  effects.put(Family::run, run_key::run(run.number), record.bytes());
  effects.put(Family::run, run_key::day_run(run.day, run.number), "");
  if (run.request_id != 0)
    effects.put(Family::run, run_key::request(run.request_id),
                storage::KeyWriter().u32(run.number).str());
  if (run.status == RunStatus::COLLECTING || run.status == RunStatus::HELD)
    effects.put(Family::run, run_key::unsettled(run.number), "");
  else
    effects.erase(Family::run, run_key::unsettled(run.number));
}

std::uint64_t write_exceptions(std::uint32_t run, std::vector<core::Exception> exceptions,
                               MarketEffects& effects) {
  constexpr std::size_t part_bytes_max = std::size_t{60} << 10;
  constexpr std::size_t bytes_of_one = 64;  // beside its texts
  std::sort(exceptions.begin(), exceptions.end());
  exceptions.erase(std::unique(exceptions.begin(), exceptions.end()), exceptions.end());
  std::uint32_t n = 0;
  for (std::size_t first = 0; first < exceptions.size();) {
    std::size_t end = first, bytes = 0;
    while (end < exceptions.size() && (end == first || bytes < part_bytes_max)) {
      const core::Exception& one = exceptions[end++];
      bytes += bytes_of_one + one.kind.size() + one.subject.size() + one.text.size();
    }
    RecordBuilder<schema::RunExceptionsRecord> record;
    auto part = record->initExceptions(static_cast<unsigned>(end - first));
    for (unsigned i = 0; i < part.size(); ++i) write_exception(exceptions[first + i], part[i]);
    effects.put(Family::run, run_key::exceptions(run, n++), record.bytes());
    first = end;
  }
  return exceptions.size();
}

void write_group_run(const GroupRun& run, EntryBytes order, MarketEffects& effects) {
  RecordBuilder<schema::GroupRunRecord> record;
  record->setPosition(run.position.number());
  record->setDigest(run.digest);
  record->setOrder(order.asBytes());
  effects.put(Family::run, run_key::order(run.run), record.bytes());
}

void write_settlement(std::uint32_t run, const core::GroupSettlement& settlement,
                      MarketEffects& effects) {
  const core::GspGroup group = settlement.gsp_group;
  for (const core::Component& component : settlement.components)
    effects.put(Family::run, run_key::component(run, group, component), component_bytes(component));
  effects.put(Family::run, run_key::factor(run, group), factor_bytes(settlement));
}

void write_duos(std::uint32_t run, const std::vector<DuosVolume>& volumes, MarketEffects& effects) {
  for (const DuosVolume& volume : volumes)
    effects.put(Family::run, run_key::duos(run, volume), duos_bytes(volume));
}

void write_shapes(std::uint32_t run, const std::vector<GroupDayShape>& shapes,
                  MarketEffects& effects) {
  for (const GroupDayShape& shape : shapes) {
    RecordBuilder<schema::ShapeRecord> record;
    write_shape_values(shape, record->initValues());
    effects.put(Family::run, run_key::shape(run, shape.day, shape.group), record.bytes());
  }
}

}  // namespace hhgrid::actors
