#include "actors/verify/audit.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "actors/gsp/results_digest.hpp"
#include "actors/host/in_parallel.hpp"
#include "actors/standing/standing_state.hpp"
#include "actors/verify/audit_groups.hpp"
#include "actors/verify/audit_partition.hpp"
#include "actors/verify/audit_results.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using Done = tl::expected<void, Error>;

/// Runs `work(partition)` for all partitions, some at once.
Done for_each_partition(std::deque<PartitionAudit>& partitions, int threads,
                        const std::function<Done(PartitionAudit&)>& work) {
  return in_parallel(partitions.size(), static_cast<std::size_t>(threads),
                     [&](std::size_t i) { return work(partitions[i]); });
}

tl::expected<RunInfo, Error> settled_run(const View& market, const std::string& where,
                                         std::uint32_t number) {
  auto run = read_run(market, number);
  if (!run) return tl::unexpected(run.error());
  if (!*run)
    return tl::unexpected(
        Error{Errc::unknown, fmt::format("{}: there is no run {}", where, number)});
  if ((*run)->status != RunStatus::PUBLISHED && (*run)->status != RunStatus::HELD)
    return tl::unexpected(
        Error{Errc::unknown, fmt::format("{}: run {} is {} and has no results to audit", where,
                                         (*run)->id(), to_string((*run)->status))});
  return std::move(**run);
}

AuditShapes compute_shapes(const std::set<WantedShape>& wanted, const AuditShapeSums& sums,
                           const core::StandingData& standing, const core::ShapePolicy& policy) {
  core::ShapeCalculator calculator(
      policy,
      [&](const core::ShapeGroup& group, core::UtcDay day) { return sums.find(group, day); },
      standing.default_shapes(), standing.bank_holidays());
  AuditShapes shapes;
  for (const auto& [day, group] : wanted)
    shapes.emplace(std::pair(group, day), calculator.shape(group, day));
  return shapes;
}

/// What the run's own record says: digests, and that it could be settled at all.
void compare_run(const RunInfo& run, const std::deque<PartitionAudit>& partitions,
                 const RunResults& stored, const RunResults& recomputed, DifferenceLog& log) {
  const auto hex = [](std::uint64_t digest) { return fmt::format("{:016x}", digest); };
  const auto compare_digest = [&](const std::string& what, std::uint64_t a, std::uint64_t b) {
    if (a != b) log.add("runs", run.id() + ": " + what, hex(a), hex(b));
  };
  for (std::size_t i = 0; i < partitions.size(); ++i)
    compare_digest(fmt::format("ledger digest of partition {}", i), run.partitions[i].ledger_digest,
                   partitions[i].ledger_digest());
  compare_digest("digest", run.digest,
                 results_digest(digests_of(recomputed.settlements), recomputed.shapes));
  compare_digest("digest of what is stored", run.digest,
                 results_digest(digests_of(stored.settlements), stored.shapes));
  bool held = false;
  for (const auto& settlement : recomputed.settlements) {
    held |= settlement.held.has_value();
    if (settlement.refused)
      log.add("runs", run.id() + ": status", std::string(to_string(run.status)),
              "refused: " + *settlement.refused);
  }
  // A held run that was released keeps the reason.
  if (held == run.reason.empty())
    log.add("runs", run.id() + ": reason to hold", run.reason.empty() ? "none" : run.reason,
            held ? "held" : "none");
}

}  // namespace

tl::expected<AuditReport, Error> audit_run(const storage::StoreSet& stores,
                                           const core::SettlementCalendar& calendar,
                                           const AuditOptions& options, std::uint32_t run_number) {
  HHGRID_ASSERT(options.threads >= 1, options.threads);
  const storage::Topology topology = stores.topology();
  const storage::Store& market_store = stores.market();
  const std::string where = market_store.path().string();
  const View market(market_store);
  const auto run = settled_run(market, where, run_number);
  if (!run) return tl::unexpected(run.error());
  if (run->partitions.size() != topology.meter_partitions())
    return tl::unexpected(Error{
        Errc::damaged, fmt::format("{}: run {} has {} partitions, the grid {}", where, run->id(),
                                   run->partitions.size(), topology.meter_partitions())});
  const auto standing = load_standing(market, run->standing_position);
  if (!standing) return tl::unexpected(standing.error());

  std::deque<PartitionAudit> partitions;
  for (const storage::PartitionId i : topology.all_meters())
    partitions.emplace_back(stores.at(i), calendar, *run, run->partitions[i]);
  AuditShapeSums shape_sums;
  const core::UtcDay first = calendar.spans_of(run->day).front().day - shape_days_back(run->shape);
  auto done = for_each_partition(partitions, options.threads, [&](PartitionAudit& partition) {
    return partition.scan(first, shape_sums);
  });
  if (!done) return tl::unexpected(done.error());
  std::set<WantedShape> wanted;
  for (const auto& partition : partitions) wanted.merge(partition.wanted_shapes());
  const AuditShapes shapes = compute_shapes(wanted, shape_sums, *standing, run->shape);
  DifferenceLog log;
  done = for_each_partition(partitions, options.threads, [&](PartitionAudit& partition) {
    return partition.take_defaults(shapes, log);
  });
  if (!done) return tl::unexpected(done.error());

  std::vector<core::Exception> exceptions;
  auto recomputed = audit_groups(stores, partitions, calendar, *run, *standing, exceptions, log);
  if (!recomputed) return tl::unexpected(recomputed.error());
  for (const auto& [day, group] : wanted)
    recomputed->shapes.push_back({group, day, shapes.at({group, day})});
  const auto stored = read_run_results(stores, *run, calendar);
  if (!stored) return tl::unexpected(stored.error());
  const auto stored_exceptions = read_exceptions(market, run->number);
  if (!stored_exceptions) return tl::unexpected(stored_exceptions.error());
  compare_run(*run, partitions, *stored, *recomputed, log);
  compare_results(*stored, *recomputed, log);
  compare_exceptions(*stored_exceptions, exceptions, log);

  AuditReport report{
      .run_number = run_number, .run_id = run->id(), .difference_count = log.count()};
  for (const auto& partition : partitions) report.meter_days += partition.meter_days();
  report.differences = log.take();
  return report;
}

}  // namespace hhgrid::actors
