#include "actors/verify/check_gsp.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "actors/gsp/bmu_volumes.hpp"
#include "actors/gsp/group_order.hpp"
#include "actors/gsp/results_digest.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/verify/audit_results.hpp"
#include "actors/verify/check_repeats.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

/// The partition of a GSP Group: its takes, its BM units, and that what it keeps of each run adds
/// up and has the digest that it answered with.
class GspCheck {
 public:
  GspCheck(Check& check, const MetaFacts& meta, const std::optional<ReceivedTimes>& received,
           core::GspGroup gsp_group, const core::SettlementCalendar& calendar)
      : check_(check),
        meta_(meta),
        received_(received),
        gsp_group_(gsp_group),
        calendar_(calendar) {}

  void run() {
    check_.scan_again(Family::run, std::string(1, run_key::order_tag),
                      [&](std::string_view key, std::string_view) { take_order(key); });
    check_actors();
    check_.scan(Family::run, {}, [&](std::string_view key, std::string_view) { check_owner(key); });
    for (const auto& [number, order] : orders_) check_results(number, order);
    check_unused(check_, {Family::consumption, Family::presence, Family::ledger, Family::arrival},
                 "a GSP Group's partition");
  }

 private:
  struct Order {
    core::SettlementDay day;
    std::uint64_t digest = 0;
  };

  void take_order(std::string_view key) {
    storage::KeyReader reader(key.substr(1));
    const std::uint32_t number = reader.u32();
    if (!reader.complete()) refuse_record("is no key of this family");
    damaged_.insert(number);
    const auto kept = read_group_run(check_.view(), number);
    if (!kept) refuse_record(kept.error().text);
    const auto& [run, bytes] = **kept;
    require_position(run.position, meta_);
    const storage::AlignedWords words(
        kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
    storage::EntryView view(words.words());
    const auto entry = view.entry();
    if (!entry) refuse_record(entry.error().text);
    if (!entry->isGroupRun()) refuse_record("holds an entry that tells no group to settle");
    const GroupOrder order = read_group_order(entry->getGroupRun());
    if (order.run != number || order.gsp_group != gsp_group_)
      refuse_record("is the order of another run or group");
    damaged_.erase(number);
    orders_.emplace(number, Order{order.day, run.digest});
  }

  /// Takes and BM units.
  void check_actors() {
    std::set<storage::Position> positions;
    std::map<std::pair<core::SettlementDay, BmuAddress>, BmuDay> units;
    check_.scan(Family::actor, {}, [&](std::string_view key, std::string_view value) {
      if (key.front() == bmu_key::tag) return check_unit(key, value, units);
      if (key.starts_with(standing_refusal_tag))
        return check_standing_refusal(check_, key, value, meta_);
      if (key.starts_with(repeat_records.tag()))
        return check_standing_repeat(check_, key, value, meta_, received_, positions);
      if (key.front() != standing_tag) refuse_record("is no key of this family");
      const auto row = check_standing_version(key, value, meta_, received_, positions);
      const auto* take = std::get_if<storage::GroupTake>(&row);
      if (take == nullptr || take->gsp_group != gsp_group_)
        refuse_record("is no GSP Group Take of " + gsp_group_.to_string());
    });
  }

  /// Runs come in the order of their numbers, so those before a run are known.
  void check_unit(std::string_view key, std::string_view value,
                  std::map<std::pair<core::SettlementDay, BmuAddress>, BmuDay>& units) {
    const auto run = read_bmu_record(key, value, "the record");
    if (!run) refuse_record(run.error().text);
    const auto parts = *bmu_key::read(key);
    auto& unit = units.try_emplace({parts.day, parts.address}, BmuDay{parts.address, parts.day, {}})
                     .first->second;
    const auto known = orders_.find(run->run);
    if (known == orders_.end() ? !damaged_.contains(run->run) : known->second.day != parts.day)
      refuse_record(fmt::format("the group has not settled run {} of that day", run->run));
    BmuVolumes given{run->run, run->import_wh, run->export_wh, {}};
    for (const BmuClassVolume& volume : run->classes)
      if (!volume.only_before) given.classes.push_back(volume);
    const auto compared = turn(unit, given).changed.front();
    unit.runs.push_back(*run);
    if (compared != *run)
      refuse_record(
          fmt::format("its changes are not those against run {}", compared.change_from_run));
  }

  /// A record of a run: the group must have settled it.
  void check_owner(std::string_view key) {
    constexpr std::string_view tags{"gcfu"};
    storage::KeyReader reader(key.substr(1));
    const std::uint32_t number = reader.u32();
    if (!reader.ok() || tags.find(key.front()) == std::string_view::npos)
      refuse_record("is no key of this family");
    if (!orders_.contains(number) && !damaged_.contains(number))
      refuse_record(fmt::format("the group has not settled run {}", number));
  }

  void check_results(std::uint32_t run, const Order& order) {
    const std::string key = run_key::order(run);
    RunResults results;
    const auto read =
        read_group_results(check_.view(), run, order.day, gsp_group_, calendar_, results);
    if (!read) return check_.damaged(Family::run, key, read.error().text);
    if (results.settlements.empty())
      return check_.damaged(Family::run, key, fmt::format("run {} has no results", run));
    const auto& settlement = results.settlements.front();
    for (const auto& component : settlement.components) {
      // A row whose content is another's stands under a key that is not its own.
      const auto own = run_key::component(run, gsp_group_, component);
      if (const auto value = check_.view().get(Family::run, own); value && !*value)
        check_.damaged(Family::run, own, "a record with this content stands under another key");
    }
    if (group_digest(settlement) != order.digest)
      check_.damaged(Family::run, key,
                     fmt::format("the results of run {} do not have its digest", run));
    check_sums(run, order.day, settlement);
  }

  void check_sums(std::uint32_t run, core::SettlementDay day,
                  const core::GroupSettlement& settlement) {
    std::map<BmuAddress, core::BmuVolume> sums;
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
      const BmuAddress address{bmu.supplier, bmu.bmu};
      const auto sum = sums.find(address);
      if (sum == sums.end() || sum->second.import_wh != bmu.import_wh ||
          sum->second.export_wh != bmu.export_wh)
        check_.damaged(Family::actor, bmu_key::of_run(day, address, run),
                       "is not the sum of the BM unit's corrected components");
      if (sum != sums.end()) sums.erase(sum);
    }
    for (const auto& [address, sum] : sums)
      check_.damaged(Family::actor, bmu_key::of_run(day, address, run),
                     "the BM unit has components, but no volume");
    if (uncorrected != settlement.uncorrected_wh || residual != settlement.residual_wh)
      check_.damaged(Family::run, run_key::factor(run, gsp_group_),
                     "its uncorrected energy and residual are not those of the group's components");
  }

  Check& check_;
  const MetaFacts& meta_;
  const std::optional<ReceivedTimes>& received_;
  core::GspGroup gsp_group_;
  const core::SettlementCalendar& calendar_;
  std::map<std::uint32_t, Order> orders_;  // by run
  std::set<std::uint32_t> damaged_;        // runs whose order cannot be judged by
};

}  // namespace

void check_gsp_partition(Check& check, const MetaFacts& meta,
                         const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                         const core::SettlementCalendar& calendar) {
  GspCheck(check, meta, received, identity.topology.gsp_group(identity.id), calendar).run();
}

}  // namespace hhgrid::actors
