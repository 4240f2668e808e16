#include "actors/gsp/bmu.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "actors/gsp/run_results_key.hpp"
#include "actors/host/message_codec.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::Error;
using storage::Family;

core::PeriodEnergy minus(core::PeriodEnergy a, const core::PeriodEnergy& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

}  // namespace

BmuRun compared(BmuRun run, const BmuRun* before) {
  using Class = std::tuple<std::uint16_t, core::MeasurementQuantity, core::Indicator>;
  std::map<Class, BmuClassVolume> classes;
  for (const BmuClassVolume& one : run.classes) {
    if (one.only_before) continue;  // there for the sake of an earlier comparison
    auto& known = classes[{one.ccc_id, one.quantity, one.indicator}];
    known = one;
    known.change_wh = before == nullptr ? core::PeriodEnergy{} : one.allocated_wh;
  }
  run.change_from_run = before == nullptr ? 0 : before->run;
  if (before != nullptr) {
    for (const BmuClassVolume& old : before->classes) {
      if (old.only_before) continue;
      const auto [known, is_new] = classes.try_emplace({old.ccc_id, old.quantity, old.indicator});
      if (is_new) known->second = {old.ccc_id, old.quantity, old.indicator, {}, {}, true};
      known->second.change_wh = minus(known->second.allocated_wh, old.allocated_wh);
    }
  }
  run.classes.clear();
  for (auto& [key, volume] : classes) run.classes.push_back(volume);
  return run;
}

const BmuRun* run_before(const BmuDay& state, std::uint32_t number) {
  const BmuRun* before = nullptr;
  for (const BmuRun& run : state.runs)
    if (run.run < number) before = &run;
  return before;
}
const BmuRun* run_after(const BmuDay& state, std::uint32_t number) {
  const auto after = std::find_if(state.runs.begin(), state.runs.end(),
                                  [&](const BmuRun& run) { return run.run > number; });
  return after == state.runs.end() ? nullptr : &*after;
}

// -- records ------------------------------------------------------------------------------------

namespace bmu_key {

std::string of_day(core::SettlementDay day) {
  return storage::KeyWriter().tag(tag).day(day.value).str();
}

std::string of_unit(core::SettlementDay day, const BmuAddress& address) {
  return of_day(day) + std::string(address.supplier.view()) + '\0' +
         std::string(address.bmu.view()) + '\0';
}

std::string of_run(core::SettlementDay day, const BmuAddress& address, std::uint32_t run) {
  return of_unit(day, address) + storage::KeyWriter().u32(run).str();
}

std::optional<Parts> read(std::string_view key) {
  if (key.empty() || key.front() != tag) return std::nullopt;
  run_key::Parts in(key, 1);
  Parts parts;
  parts.day = {in.i32()};
  parts.address.supplier = in.id<core::SupplierId>();
  parts.address.bmu = in.id<core::BmuId>();
  parts.run = in.u32();
  if (!in.complete() || parts.address.bmu.empty()) return std::nullopt;
  return parts;
}

}  // namespace bmu_key

std::string bmu_record(const BmuRun& run) {
  storage::RecordBuilder<schema::BmuRunRecord> record;
  write_trimmed(run.import_wh, [&](unsigned n) { return record->initImportWh(n); });
  write_trimmed(run.export_wh, [&](unsigned n) { return record->initExportWh(n); });
  record->setChangeFromRun(run.change_from_run);
  auto classes = record->initClasses(static_cast<unsigned>(run.classes.size()));
  for (unsigned i = 0; i < classes.size(); ++i) {
    const BmuClassVolume& volume = run.classes[i];
    auto out = classes[i];
    out.setCccId(volume.ccc_id);
    out.setQuantity(storage::number(volume.quantity));
    out.setIndicator(storage::number(volume.indicator));
    write_trimmed(volume.allocated_wh, [&](unsigned n) { return out.initAllocatedWh(n); });
    write_trimmed(volume.change_wh, [&](unsigned n) { return out.initChangeWh(n); });
    out.setOnlyBefore(volume.only_before);
  }
  return record.bytes();
}

tl::expected<BmuRun, Error> read_bmu_record(std::string_view key, std::string_view value,
                                            const std::string& where) {
  const auto parts = bmu_key::read(key);
  if (!parts)
    return tl::unexpected(Error{storage::Errc::damaged, where + ": is no key of such a record"});
  return storage::read_record<schema::BmuRunRecord>(value, where, [&](auto record) {
    BmuRun run;
    run.run = parts->run;
    run.import_wh = read_stored_energy("importWh", record.getImportWh());
    run.export_wh = read_stored_energy("exportWh", record.getExportWh());
    run.change_from_run = record.getChangeFromRun();
    for (const auto in : record.getClasses()) {
      BmuClassVolume& volume = run.classes.emplace_back();
      volume.ccc_id = in.getCccId();
      volume.quantity = read_enumeration<core::MeasurementQuantity>("quantity", in.getQuantity(),
                                                                    storage::quantity_count);
      volume.indicator = read_enumeration<core::Indicator>("indicator", in.getIndicator(),
                                                           storage::indicator_count);
      volume.allocated_wh = read_stored_energy("allocatedWh", in.getAllocatedWh());
      volume.change_wh = read_stored_energy("changeWh", in.getChangeWh());
      volume.only_before = in.getOnlyBefore();
    }
    return run;
  });
}

namespace {

tl::expected<void, Error> scan_runs(const storage::Store::View& view, const std::string& prefix,
                                    const VisitBmuRun& visit) {
  std::optional<Error> failure;
  auto scanned =
      view.scan_prefix(Family::actor, prefix, [&](std::string_view key, std::string_view value) {
        const auto where = view.path().string() + " BM unit record " + storage::printable_key(key);
        const auto run = read_bmu_record(key, value, where);
        if (run) return visit(bmu_key::read(key)->address, *run);
        failure = run.error();
        return false;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

}  // namespace

tl::expected<void, Error> for_each_bmu_run(const storage::Store::View& view,
                                           core::SettlementDay day, const VisitBmuRun& visit) {
  return scan_runs(view, bmu_key::of_day(day), visit);
}

tl::expected<BmuDay, Error> read_bmu_day(const storage::Store::View& view, core::SettlementDay day,
                                         const BmuAddress& address) {
  BmuDay state{address, day, {}};
  auto read =
      scan_runs(view, bmu_key::of_unit(day, address), [&](const BmuAddress&, const BmuRun& run) {
        state.runs.push_back(run);
        return true;
      });
  if (!read) return tl::unexpected(read.error());
  return state;
}

}  // namespace hhgrid::actors
