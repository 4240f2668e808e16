#include "actors/verify/check_group_runs.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "actors/gsp/run_results.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;

std::optional<std::uint64_t> digest_of(const RunInfo& run, core::GspGroup gsp_group) {
  for (const GroupDigest& group : run.groups)
    if (group.gsp_group == gsp_group) return group.digest;
  return std::nullopt;
}

void check_group(const storage::Store& store, core::GspGroup gsp_group, bool awaits_market,
                 const std::map<std::uint32_t, RunInfo>& runs, CheckReport& report) {
  Check check(store);
  const auto kept = list_group_runs(check.view());
  if (!kept) return;
  std::set<std::uint32_t> settled;
  for (const GroupRun& group_run : *kept) {
    settled.insert(group_run.run);
    const auto run = runs.find(group_run.run);
    const auto key = run_key::order(group_run.run);
    if (run == runs.end()) {
      check.damaged(Family::run, key, fmt::format("there is no run {}", group_run.run));
    } else if (run->second.status == RunStatus::REFUSED) {
      if (!awaits_market)
        check.damaged(Family::run, key,
                      fmt::format("run {} is refused and has results", run->second.id()));
    } else if (has_results(run->second) && digest_of(run->second, gsp_group) != group_run.digest) {
      check.damaged(Family::run, key,
                    fmt::format("run {} was published with other results", run->second.id()));
    }
  }
  for (const auto& [number, run] : runs)
    if (digest_of(run, gsp_group) && !settled.contains(number))
      check.damaged(Family::run, run_key::order(number),
                    fmt::format("the results of run {} are missing", run.id()));
  report.add(std::move(check.report()));
}

}  // namespace

CheckReport check_group_runs(const storage::StoreSet& stores) {
  CheckReport report;
  const View market(stores.market());
  const auto listed = list_runs(market);
  if (!listed) return report;
  std::map<std::uint32_t, RunInfo> runs;
  for (const RunInfo& run : *listed) runs.emplace(run.number, run);
  const storage::PartitionId market_id = stores.topology().market();
  for (const storage::PartitionId id : stores.topology().all_gsp_groups()) {
    const auto store = stores.find(id);
    if (!store || *store == nullptr) continue;
    const bool awaits_market = !has_taken_all(**store, id, stores.market(), market_id);
    check_group(**store, stores.topology().gsp_group(id), awaits_market, runs, report);
  }
  return report;
}

}  // namespace hhgrid::actors
