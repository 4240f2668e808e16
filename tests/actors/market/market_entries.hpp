#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "actors/gsp/run_results.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/market/market_fold.hpp"
#include "storage/wire/entry_codec.hpp"
#include "tests/actors/host/fold_fixture.hpp"

/// What a market partition is sent in its tests.
namespace hhgrid::actors::market_test {

using test::Entry;
using test::settlement_day;
using test::utc_day;

/// Builds one Entry message.
inline Entry entry(const std::function<void(schema::Entry::Builder)>& fill) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  fill(root);
  return capnp::canonicalize(root.asReader());
}

// -- the world of the tests: one supplier in GSP Group _C, whole-current smart domestic meters --

inline const core::GspGroup group_c = core::GspGroup::parse("_C").value();
inline const core::SupplierId supplier_a = core::SupplierId::parse("SUPA").value();
inline const core::BmuId bmu_a = core::BmuId::parse("2__CSUPA000").value();
inline const core::LlfcId llfc_1 = core::LlfcId::parse("001").value();
inline const core::SettlementDay winter_day = settlement_day("2013-01-15");  // one UTC day
inline const core::UtcDay winter_utc_day = utc_day("2013-01-15");
inline constexpr core::Instant cutoff{1'400'000'000'000};

inline core::Terms domestic_import() {
  core::Terms terms;
  terms.supplier = supplier_a;
  terms.gsp_group = group_c;
  terms.distributor = 20;
  terms.llfc = llfc_1;
  terms.duos_tariff = core::DuosTariffId::parse("D1").value();
  terms.data_service = core::DataServiceId::parse("DS1").value();
  terms.domestic = true;
  return terms;
}

inline core::ShapeGroup shape_group_of(const core::Terms& terms) {
  return {terms.gsp_group, terms.connection, terms.segment, terms.domestic,
          core::MeasurementQuantity::active_import};
}

inline core::PeriodEnergy each_period(core::WattHours energy_wh, int periods = 48) {
  core::PeriodEnergy energy{};
  std::fill_n(energy.begin(), periods, energy_wh);
  return energy;
}

inline Entry bmu_entry() {
  storage::EntryScratch scratch;
  return storage::copy_words(storage::encode_bmu(
      {bmu_a, supplier_a, group_c, true, {settlement_day("2010-01-01")}}, scratch));
}

inline Entry class_entry(std::uint16_t ccc_id, core::MeasurementQuantity quantity,
                         core::Indicator indicator) {
  storage::EntryScratch scratch;
  core::ComponentClass row;
  row.ccc_id = ccc_id;
  row.quantity = quantity;
  row.indicator = indicator;
  row.weight_hundredths = 100;
  row.effective.from = settlement_day("2010-01-01");
  return storage::copy_words(storage::encode_component_class(row, scratch));
}

inline Entry losses_entry(core::SettlementDay day, std::uint16_t thousandths) {
  storage::EntryScratch scratch;
  storage::LineLosses row{20, llfc_1, day, {}};
  std::fill_n(row.thousandths.begin(), 48, thousandths);
  return storage::copy_words(storage::encode_line_losses(row, scratch));
}

inline Entry take_entry(core::SettlementDay day, core::WattHours energy_wh) {
  storage::EntryScratch scratch;
  storage::GroupTake row{group_c, day, {}};
  for (std::size_t i = 0; i < 48; ++i) {
    row.take.energy_wh[i] = energy_wh;
    row.take.present[i] = true;
  }
  return storage::copy_words(storage::encode_group_take(row, scratch));
}

/// What a run needs, with a Group Take of 1,936 Wh in every period.
inline std::vector<Entry> standing_entries(core::SettlementDay day = winter_day,
                                           core::WattHours take_wh = 1936) {
  using core::Indicator;
  using core::MeasurementQuantity;
  std::vector<Entry> entries;
  entries.push_back(bmu_entry());
  entries.push_back(class_entry(1, MeasurementQuantity::active_import, Indicator::consumption));
  entries.push_back(class_entry(2, MeasurementQuantity::active_import, Indicator::losses));
  entries.push_back(losses_entry(day, 1100));
  entries.push_back(take_entry(day, take_wh));
  return entries;
}

// -- messages of a run ----------------------------------------------------------------------------

inline Entry run_request(core::SettlementDay day, std::uint64_t request_id = 7,
                         core::SettlementCode code = core::SettlementCode::ii,
                         const RunPolicy& policy = {}) {
  return entry([&](auto root) {
    auto out = root.initRunRequest();
    out.setSettlementDay(day.value);
    out.setCode(static_cast<std::uint8_t>(code));
    out.setCutoff(cutoff.milliseconds);
    out.setRequestId(request_id);
    write_policy(policy, out);
  });
}

inline Entry run_release(std::uint32_t run) {
  return entry([&](auto root) { root.initRunRelease().setRunNumber(run); });
}

inline GroupDaySums group_sums(core::UtcDay day, core::WattHours energy_wh, std::int32_t count,
                               core::ShapeGroup group = shape_group_of(domestic_import())) {
  GroupDaySums sums{group, day, {}};
  sums.sums.energy_wh.fill(energy_wh);
  sums.sums.count.fill(count);
  return sums;
}

inline TermsSums terms_sums(core::WattHours actual_wh, std::uint32_t msid_count,
                            core::Terms terms = domestic_import()) {
  TermsSums sums;
  sums.terms = terms;
  sums.msid_count = msid_count;
  sums.meter_count = msid_count;
  sums.actual_wh = each_period(actual_wh);
  return sums;
}

inline Entry run_sums(const PartitionSums& sums) {
  return entry([&](auto root) {
    auto out = root.initRunSums();
    out.setRunNumber(sums.run);
    out.setPartition(sums.input.partition);
    out.setMarkerPosition(sums.input.marker_position.number());
    out.setLedgerDigest(sums.input.ledger_digest);
    out.setFailure(sums.failure);
    auto deltas = out.initShapeDeltas(static_cast<unsigned>(sums.shape_deltas.size()));
    for (unsigned i = 0; i < deltas.size(); ++i) write_shape_sums(sums.shape_deltas[i], deltas[i]);
    auto only = out.initRunOnlyDeltas(static_cast<unsigned>(sums.run_only_deltas.size()));
    for (unsigned i = 0; i < only.size(); ++i) write_shape_sums(sums.run_only_deltas[i], only[i]);
    auto list = out.initTermsSums(static_cast<unsigned>(sums.terms_sums.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      const TermsSums& of_terms = sums.terms_sums[i];
      storage::write_terms(of_terms.terms, list[i].initTerms());
      list[i].setQuantity(static_cast<std::uint8_t>(of_terms.quantity));
      list[i].setMsidCount(of_terms.msid_count);
      list[i].setMeterCount(of_terms.meter_count);
      write_trimmed(of_terms.actual_wh, [&](unsigned n) { return list[i].initActualWh(n); });
      write_trimmed(of_terms.other_actual_wh,
                    [&](unsigned n) { return list[i].initOtherActualWh(n); });
      write_trimmed(of_terms.estimated_wh, [&](unsigned n) { return list[i].initEstimatedWh(n); });
    }
    auto missing = out.initMissing(static_cast<unsigned>(sums.missing.size()));
    unsigned i = 0;
    for (const auto& [day, group] : sums.missing) {
      write_group(group, missing[i].initGroup());
      missing[i++].setUtcDay(day.value);
    }
  });
}

inline Entry run_defaults(const PartitionDefaults& defaults) {
  return entry([&](auto root) {
    auto out = root.initRunDefaults();
    out.setRunNumber(defaults.run);
    out.setPartition(defaults.partition);
    out.setFailure(defaults.failure);
    auto list = out.initSums(static_cast<unsigned>(defaults.sums.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      storage::write_terms(defaults.sums[i].terms, list[i].initTerms());
      list[i].setQuantity(static_cast<std::uint8_t>(defaults.sums[i].quantity));
      write_trimmed(defaults.sums[i].energy_wh,
                    [&](unsigned n) { return list[i].initEnergyWh(n); });
    }
    auto exceptions = out.initExceptions(static_cast<unsigned>(defaults.exceptions.size()));
    for (unsigned i = 0; i < exceptions.size(); ++i)
      write_exception(defaults.exceptions[i], exceptions[i]);
  });
}

inline Entry group_settled(const GroupAnswer& answer) {
  return entry([&](auto root) {
    auto out = root.initGroupSettled();
    out.setRunNumber(answer.run);
    out.setGspGroup(answer.gsp_group.to_string());
    out.setDigest(answer.digest);
    out.setHeld(answer.held);
    out.setRefused(answer.refused);
    auto exceptions = out.initExceptions(static_cast<unsigned>(answer.exceptions.size()));
    for (unsigned i = 0; i < exceptions.size(); ++i)
      write_exception(answer.exceptions[i], exceptions[i]);
  });
}

// -- messages of the closing of a UTC day ---------------------------------------------------------

/// A sample of 3 meters is enough for a load shape.
inline Entry day_closed(core::UtcDay day) {
  return entry([&](auto root) {
    auto out = root.initDayClosed();
    out.setUtcDay(day.value);
    out.setMinimumSample(3);
  });
}

inline Entry day_sums(storage::Position closing, const ClosingAnswer& answer) {
  return entry([&](auto root) {
    auto out = root.initDaySums();
    out.setClosing(closing.number());
    out.setPartition(answer.partition);
    out.setFailure(answer.failure);
    auto deltas = out.initShapeDeltas(static_cast<unsigned>(answer.deltas.size()));
    for (unsigned i = 0; i < deltas.size(); ++i) write_shape_sums(answer.deltas[i], deltas[i]);
  });
}

// -- a run by hand --------------------------------------------------------------------------------

/// The answers of two partitions to a run: 12 and 8 meters with values and one load shape missing
/// in partition 1. Sections 6 and 7 by hand, per period: C = 1000 + 500 + 100 defaulted = 1600, L =
/// 160; 1936 - 1760 = 176 are missing of W = 100 x 1760, so the import factor is 1.1 and everything
/// comes to 1936 Wh.
inline PartitionSums sums_of_partition(storage::PartitionId partition, std::uint32_t run = 1,
                                       core::UtcDay day = winter_utc_day) {
  const bool first = partition == 0;
  PartitionSums sums;
  sums.run = run;
  sums.input = {partition, {first ? 101u : 202u, 0}, first ? 11u : 22u};
  sums.shape_deltas = {group_sums(day, first ? 1200 : 800, first ? 12 : 8)};
  sums.terms_sums = {terms_sums(first ? 1000 : 500, first ? 12 : 8)};
  if (!first) sums.missing.emplace(day, shape_group_of(domestic_import()));
  return sums;
}

inline PartitionDefaults defaults_of_partition(storage::PartitionId partition,
                                               std::uint32_t run = 1) {
  PartitionDefaults defaults{run, partition, {}, {}};
  if (partition == 1) {
    defaults.sums = {
        {domestic_import(), core::MeasurementQuantity::active_import, each_period(100)}};
    defaults.exceptions = {{"no_default", "1012345678903", 0, "neither shape nor AC"}};
  }
  return defaults;
}

}  // namespace hhgrid::actors::market_test
