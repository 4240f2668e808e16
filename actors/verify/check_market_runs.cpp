#include "actors/verify/check_market_runs.hpp"

#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "actors/gsp/run_results_key.hpp"
#include "actors/verify/audit_results.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::KeyReader;

class MarketRunsCheck {
 public:
  MarketRunsCheck(Check& check, const MetaFacts& meta, Fold::Identity identity,
                  const core::SettlementCalendar& calendar)
      : check_(check), meta_(meta), identity_(identity), calendar_(calendar) {}

  void run() {
    check_.scan_again(Family::run, std::string(1, run_key::run_tag),
                      [&](std::string_view key, std::string_view) { take_run(key); });
    for (std::uint32_t number = 1; number <= meta_.run_count; ++number)
      if (!runs_.contains(number) && !damaged_.contains(number))
        check_.damaged(Family::run, run_key::run(number), "the run has no record");
    std::set<std::pair<core::SettlementDay, std::uint32_t>> index;
    check_.scan(Family::run, {}, [&](std::string_view key, std::string_view) {
      if (key.front() != run_key::day_tag) return check_owner(key);
      KeyReader reader(key.substr(1));
      const core::SettlementDay day{reader.day()};
      const std::uint32_t number = reader.u32();
      if (!reader.complete()) refuse_record("is no key of this family");
      index.emplace(day, number);
      const auto run = runs_.find(number);
      if (run != runs_.end() && run->second.day != day)
        refuse_record("the run is of another settlement day");
      if (run == runs_.end() && !damaged_.contains(number))
        refuse_record(fmt::format("there is no run {}", number));
    });
    for (const auto& [number, run] : runs_) {
      if (!index.contains({run.day, number}))
        check_.damaged(Family::run, run_key::day_run(run.day, number),
                       "the run is missing among those of its day");
      check_results(run);
    }
  }

 private:
  void take_run(std::string_view key) {
    KeyReader reader(key.substr(1));
    const std::uint32_t number = reader.u32();
    if (!reader.complete()) refuse_record("is no key of this family");
    damaged_.insert(number);
    const auto run = read_run(check_.view(), number);
    if (!run) refuse_record(run.error().text);
    if ((*run)->number != number || number == 0 || number > meta_.run_count)
      refuse_record(fmt::format("says it is run {} of {}", (*run)->number, meta_.run_count));
    damaged_.erase(number);
    runs_.emplace(number, **run);
    if ((*run)->standing_position.block() > meta_.block)
      refuse_record("uses standing data of a position that is not applied");
    if (!has_results(**run)) return;
    if ((*run)->partitions.size() != identity_.meter_partitions)
      refuse_record("does not name every meter partition");
    for (std::size_t i = 0; i < (*run)->partitions.size(); ++i)
      if ((*run)->partitions[i].partition != i || (*run)->partitions[i].marker_position.is_none())
        refuse_record(fmt::format("has no marker of partition {}", i));
  }

  /// A record of a run: the run must be one that may have it.
  void check_owner(std::string_view key) {
    constexpr std::string_view tags{"riscbfu"};
    KeyReader reader(key.substr(1));
    const std::uint32_t number = reader.u32();
    if (!reader.ok() || tags.find(key.front()) == std::string_view::npos)
      refuse_record("is no key of this family");
    const auto run = runs_.find(number);
    if (run == runs_.end()) {
      if (!damaged_.contains(number)) refuse_record(fmt::format("there is no run {}", number));
      return;
    }
    const RunStatus status = run->second.status;
    const bool may_have = key.front() == run_key::run_tag || key.front() == run_key::shape_tag ||
                          (key.front() == run_key::input_tag ? status == RunStatus::COLLECTING
                                                             : has_results(run->second));
    if (!may_have)
      refuse_record(fmt::format("a run that is {} has no such record", to_string(status)));
  }

  void check_results(const RunInfo& run) {
    const std::string key = run_key::run(run.number);
    const auto results = read_run_results(check_.view(), run, calendar_);
    if (!results) return check_.damaged(Family::run, key, results.error().text);
    check_keys(run, *results);
    if (run.status == RunStatus::COLLECTING || run.partitions.empty())
      return;  // no digest yet, or refused at once
    if (results_digest(results->settlements, results->shapes) != run.digest)
      check_.damaged(Family::run, key,
                     fmt::format("the results of run {} do not have its digest", run.id()));
    for (const auto& settlement : results->settlements) check_sums(run, settlement);
  }

  /// A row whose content is another's stands under a key that is not its own.
  void check_keys(const RunInfo& run, const RunResults& results) {
    const auto expect = [&](const std::string& key) {
      const auto value = check_.view().get(Family::run, key);
      if (value && !*value)
        check_.damaged(Family::run, key, "a record with this content stands under another key");
    };
    for (const auto& settlement : results.settlements)
      for (const auto& component : settlement.components)
        expect(run_key::component(run.number, settlement.gsp_group, component));
    for (const auto& shape : results.shapes)
      expect(run_key::shape(run.number, shape.day, shape.group));
  }

  /// `arithmetic.md` 7: BM units are the sums of their corrected components; what is left of the
  /// Group Take is the residual.
  void check_sums(const RunInfo& run, const core::GroupSettlement& settlement) {
    using Unit = std::pair<core::SupplierId, core::BmuId>;
    std::map<Unit, core::BmuVolume> sums;
    core::PeriodEnergy uncorrected{}, residual = settlement.group_take_wh;
    for (const auto& component : settlement.components) {
      auto& sum = sums[{component.supplier, component.bmu}];
      const bool import_ = component.quantity == core::MeasurementQuantity::active_import;
      auto& energy = import_ ? sum.import_wh : sum.export_wh;
      for (std::size_t i = 0; i < energy.size(); ++i) {
        energy[i] += component.corrected_wh[i];
        residual[i] -= import_ ? component.corrected_wh[i] : -component.corrected_wh[i];
        uncorrected[i] += import_ ? component.uncorrected_wh[i] : -component.uncorrected_wh[i];
      }
    }
    for (const auto& bmu : settlement.bmus) {
      const auto sum = sums.find({bmu.supplier, bmu.bmu});
      if (sum == sums.end() || sum->second.import_wh != bmu.import_wh ||
          sum->second.export_wh != bmu.export_wh)
        check_.damaged(Family::run,
                       run_key::bmu(run.number, settlement.gsp_group, bmu.supplier, bmu.bmu),
                       "is not the sum of the BM unit's corrected components");
      if (sum != sums.end()) sums.erase(sum);
    }
    for (const auto& [unit, sum] : sums)
      check_.damaged(Family::run,
                     run_key::bmu(run.number, settlement.gsp_group, unit.first, unit.second),
                     "the BM unit has components, but no volume");
    if (uncorrected != settlement.uncorrected_wh || residual != settlement.residual_wh)
      check_.damaged(Family::run, run_key::factor(run.number, settlement.gsp_group),
                     "its uncorrected energy and residual are not those of the group's components");
  }

  Check& check_;
  const MetaFacts& meta_;
  Fold::Identity identity_;
  const core::SettlementCalendar& calendar_;
  std::map<std::uint32_t, RunInfo> runs_;
  std::set<std::uint32_t> damaged_;  // run records that cannot be judged by
};

}  // namespace

void check_market_runs(Check& check, const MetaFacts& meta, Fold::Identity identity,
                       const core::SettlementCalendar& calendar) {
  MarketRunsCheck(check, meta, identity, calendar).run();
}

}  // namespace hhgrid::actors
