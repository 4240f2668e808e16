#include "actors/verify/audit_results.hpp"

#include <map>
#include <tuple>

#include "actors/gsp/bmu.hpp"
#include "actors/gsp/results_digest.hpp"
#include "core/decimal.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;

constexpr const char* absent = "absent";
constexpr const char* present = "present";

/// A row that only one side has is one difference.
template <class Row, class KeyOf, class TextOf, class Compare>
void compare_rows(std::string_view table, const std::vector<Row>& stored,
                  const std::vector<Row>& recomputed, const KeyOf& key_of, const TextOf& text_of,
                  DifferenceLog& log, const Compare& compare) {
  walk_both(
      stored, recomputed, key_of, [&](const Row& a, const Row& b) { compare(text_of(a), a, b); },
      [&](const Row& a) { log.add(table, text_of(a), present, absent); },
      [&](const Row& b) { log.add(table, text_of(b), absent, present); });
}

struct PlacedComponent {
  core::GspGroup group;
  const core::Component* component;
};
struct PlacedBmu {
  core::GspGroup group;
  const core::BmuVolume* volume;
};

std::vector<PlacedComponent> components_of(const RunResults& results) {
  std::vector<PlacedComponent> all;
  for (const auto& settlement : results.settlements)
    for (const auto& component : settlement.components)
      all.push_back({settlement.gsp_group, &component});
  return all;
}

std::vector<PlacedBmu> bmus_of(const RunResults& results) {
  std::vector<PlacedBmu> all;
  for (const auto& settlement : results.settlements)
    for (const auto& volume : settlement.bmus) all.push_back({settlement.gsp_group, &volume});
  return all;
}

std::string unit_text(core::GspGroup group, const core::SupplierId& supplier,
                      const core::BmuId& bmu) {
  return group.to_string() + " " + supplier.to_string() + " " + bmu.to_string();
}

void compare_components(const RunResults& stored, const RunResults& recomputed,
                        DifferenceLog& log) {
  constexpr auto table = "components";
  compare_rows(
      table, components_of(stored), components_of(recomputed),
      [](const PlacedComponent& row) {
        const auto& c = *row.component;
        return std::tuple(row.group, c.supplier, c.bmu, c.ccc_id, c.quantity, c.indicator,
                          c.weight_hundredths);
      },
      [](const PlacedComponent& row) {
        return unit_text(row.group, row.component->supplier, row.component->bmu) + " class " +
               std::to_string(row.component->ccc_id);
      },
      log,
      [&](const std::string& key, const PlacedComponent& a, const PlacedComponent& b) {
        log.compare(table, key, "msid count", a.component->msid_count, b.component->msid_count);
        log.compare_periods(table, key, "uncorrected Wh", a.component->uncorrected_wh,
                            b.component->uncorrected_wh);
        log.compare_periods(table, key, "corrected Wh", a.component->corrected_wh,
                            b.component->corrected_wh);
        log.compare_periods(table, key, "actual Wh", a.component->actual_wh,
                            b.component->actual_wh);
        log.compare_periods(table, key, "defaulted Wh", a.component->defaulted_wh,
                            b.component->defaulted_wh);
      });
}

void compare_bmus(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log) {
  constexpr auto table = "bmu-volumes";
  compare_rows(
      table, bmus_of(stored), bmus_of(recomputed),
      [](const PlacedBmu& row) {
        return std::tuple(row.group, row.volume->supplier, row.volume->bmu);
      },
      [](const PlacedBmu& row) {
        return unit_text(row.group, row.volume->supplier, row.volume->bmu);
      },
      log,
      [&](const std::string& key, const PlacedBmu& a, const PlacedBmu& b) {
        log.compare_periods(table, key, "import Wh", a.volume->import_wh, b.volume->import_wh);
        log.compare_periods(table, key, "export Wh", a.volume->export_wh, b.volume->export_wh);
      });
}

void compare_factors(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log) {
  using core::GroupSettlement;
  constexpr auto table = "factors";
  compare_rows(
      table, stored.settlements, recomputed.settlements,
      [](const GroupSettlement& row) { return row.gsp_group; },
      [](const GroupSettlement& row) { return row.gsp_group.to_string(); }, log,
      [&](const std::string& key, const GroupSettlement& a, const GroupSettlement& b) {
        log.compare_periods(table, key, "group take Wh", a.group_take_wh, b.group_take_wh);
        log.compare_periods(table, key, "uncorrected Wh", a.uncorrected_wh, b.uncorrected_wh);
        log.compare_periods(table, key, "import factor", a.gcf_import, b.gcf_import);
        log.compare_periods(table, key, "export factor", a.gcf_export, b.gcf_export);
        log.compare_periods(table, key, "residual Wh", a.residual_wh, b.residual_wh);
      });
}

void compare_duos(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log) {
  constexpr auto table = "duos";
  compare_rows(
      table, stored.duos, recomputed.duos,
      [](const DuosVolume& row) {
        return std::tuple(row.gsp_group, row.distributor, row.supplier, row.duos_tariff,
                          row.direction, row.domestic);
      },
      [](const DuosVolume& row) {
        return row.gsp_group.to_string() + " distributor " + std::to_string(row.distributor) + " " +
               row.supplier.to_string() + " " + row.duos_tariff.to_string() + " " +
               std::string(core::to_string(row.direction)) +
               (row.domestic ? " domestic" : " not domestic");
      },
      log,
      [&](const std::string& key, const DuosVolume& a, const DuosVolume& b) {
        log.compare_periods(table, key, "uncorrected Wh", a.uncorrected_wh, b.uncorrected_wh);
        log.compare_periods(table, key, "actual Wh", a.actual_wh, b.actual_wh);
        log.compare(table, key, "energised count", a.energised_count, b.energised_count);
        log.compare(table, key, "de-energised count", a.de_energised_count, b.de_energised_count);
      });
}

void compare_shapes(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log) {
  constexpr auto table = "load-shapes";
  compare_rows(
      table, stored.shapes, recomputed.shapes,
      [](const GroupDayShape& row) { return std::tuple(row.day, row.group); },
      [](const GroupDayShape& row) {
        return core::format_day(row.day.value) + " " + row.group.to_string();
      },
      log,
      [&](const std::string& key, const GroupDayShape& a, const GroupDayShape& b) {
        log.compare_periods(table, key, "Wh", a.shape.energy_wh, b.shape.energy_wh);
        log.compare_periods(table, key, "flag", a.shape.flag, b.shape.flag);
        log.compare_periods(table, key, "count", a.shape.count, b.shape.count);
        log.compare(table, key, "day total", a.shape.day_total, b.shape.day_total);
        log.compare(table, key, "day peak", a.shape.day_peak, b.shape.day_peak);
        log.compare(table, key, "day off-peak", a.shape.day_off_peak, b.shape.day_off_peak);
        log.compare(table, key, "rolling 7 days", a.shape.rolling_7_day, b.shape.rolling_7_day);
        log.compare(table, key, "rolling 7 days peak", a.shape.rolling_7_day_peak,
                    b.shape.rolling_7_day_peak);
        log.compare(table, key, "rolling 7 days off-peak", a.shape.rolling_7_day_off_peak,
                    b.shape.rolling_7_day_off_peak);
        log.compare(table, key, "rolling annual", a.shape.rolling_annual, b.shape.rolling_annual);
      });
}

}  // namespace

tl::expected<void, Error> read_group_results(const View& view, std::uint32_t run,
                                             core::SettlementDay day, core::GspGroup gsp_group,
                                             const core::SettlementCalendar& calendar,
                                             RunResults& results) {
  core::GroupSettlement settlement;
  settlement.gsp_group = gsp_group;
  settlement.period_count = calendar.period_count(day);
  bool settled = false;
  auto read = for_each_factor(view, run, [&](const FactorRow& row) {
    settled = true;
    settlement.group_take_wh = row.group_take_wh;
    settlement.uncorrected_wh = row.uncorrected_wh;
    settlement.gcf_import = row.gcf_import;
    settlement.gcf_export = row.gcf_export;
    settlement.residual_wh = row.residual_wh;
    return true;
  });
  if (!read) return read;
  read = for_each_component(view, run, [&](const ComponentRow& row) {
    settled = true;
    settlement.components.push_back(row.component);
    return true;
  });
  if (!read) return read;
  read = for_each_bmu_run(view, day, [&](const BmuAddress& address, const BmuRun& given) {
    if (given.run != run) return true;
    settled = true;
    settlement.bmus.push_back({address.supplier, address.bmu, given.import_wh, given.export_wh});
    return true;
  });
  if (!read) return read;
  read = for_each_duos_volume(view, run, [&](const DuosVolume& row) {
    results.duos.push_back(row);
    return true;
  });
  if (read && settled) results.settlements.push_back(std::move(settlement));
  return read;
}

tl::expected<RunResults, Error> read_run_results(const storage::StoreSet& stores,
                                                 const RunInfo& run,
                                                 const core::SettlementCalendar& calendar) {
  RunResults results;
  for (const storage::PartitionId id : stores.topology().all_gsp_groups()) {
    const auto store = stores.find(id);
    if (!store) return tl::unexpected(store.error());
    if (*store == nullptr) continue;
    const View view(**store);
    auto read = read_group_results(view, run.number, run.day, stores.topology().gsp_group(id),
                                   calendar, results);
    if (!read) return tl::unexpected(read.error());
  }
  const View market(stores.market());
  const auto shapes = for_each_shape(market, run.number, [&](const GroupDayShape& row) {
    results.shapes.push_back(row);
    return true;
  });
  if (!shapes) return tl::unexpected(shapes.error());
  return results;
}

std::vector<GroupDigest> digests_of(const std::vector<core::GroupSettlement>& settlements) {
  std::vector<GroupDigest> digests;
  for (const auto& settlement : settlements)
    digests.push_back({settlement.gsp_group, group_digest(settlement)});
  return digests;
}

void compare_results(const RunResults& stored, const RunResults& recomputed, DifferenceLog& log) {
  compare_shapes(stored, recomputed, log);
  compare_components(stored, recomputed, log);
  compare_bmus(stored, recomputed, log);
  compare_factors(stored, recomputed, log);
  compare_duos(stored, recomputed, log);
}

void compare_exceptions(const std::vector<core::Exception>& stored,
                        const std::vector<core::Exception>& recomputed, DifferenceLog& log) {
  constexpr auto table = "exceptions";
  compare_rows(
      table, stored, recomputed, [](const core::Exception& row) { return row; },
      [](const core::Exception& row) {
        return row.kind + " " + row.subject + " period " + std::to_string(row.period) + ": " +
               row.text;
      },
      log, [](const std::string&, const core::Exception&, const core::Exception&) {});
}

}  // namespace hhgrid::actors
