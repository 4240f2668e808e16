#include "actors/verify/audit_groups.hpp"

#include <algorithm>
#include <map>

#include <kj/exception.h>

#include "actors/gsp/group_order.hpp"
#include "actors/standing/standing_state.hpp"
#include "storage/wire/entry_view.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;

/// What the groups' stores say of their part in the run.
class GroupAudit {
 public:
  GroupAudit(const storage::StoreSet& stores, const core::SettlementCalendar& calendar,
             const RunInfo& run, const core::StandingData& standing, DifferenceLog& log)
      : stores_(stores), calendar_(calendar), run_(run), standing_(standing), log_(log) {}

  tl::expected<core::GroupSettlement, Error> settle(core::GspGroup gsp_group,
                                                    const std::vector<GroupVolume>& volumes) {
    const int period_count = calendar_.period_count(run_.day);
    const auto rows = standing_of_group(standing_, gsp_group, run_.day, period_count, volumes);
    core::StandingData standing = standing_data_of(rows);
    if (auto done = put_take(gsp_group, rows, standing); !done) return tl::unexpected(done.error());
    return actors::settle(gsp_group, run_.day, period_count, volumes, standing, run_.method);
  }

 private:
  /// The Group Take as of the message that the group was told to settle by.
  tl::expected<void, Error> put_take(core::GspGroup gsp_group, const std::vector<StandingRow>& rows,
                                     core::StandingData& standing) {
    const auto store = stores_.find(stores_.topology().of(gsp_group));
    if (!store) return tl::unexpected(store.error());
    if (*store == nullptr) return differs(gsp_group, "absent", "present");
    const View view(**store);
    const auto kept = read_group_run(view, run_.number);
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept) return differs(gsp_group, "absent", "present");
    if (auto done = compare_order(gsp_group, (*kept)->second, rows); !done) return done;
    const auto takes = load_standing(view, (*kept)->first.position);
    if (!takes) return tl::unexpected(takes.error());
    if (const auto* take = takes->group_take(gsp_group, run_.day))
      standing.put_group_take(gsp_group, run_.day, *take);
    return {};
  }

  tl::expected<void, Error> differs(core::GspGroup gsp_group, std::string_view stored,
                                    std::string_view recomputed) {
    log_.add("orders", gsp_group.to_string(), std::string(stored), std::string(recomputed));
    return {};
  }

  /// What the group was told must be what the run was to use.
  tl::expected<void, Error> compare_order(core::GspGroup gsp_group, const std::string& bytes,
                                          const std::vector<StandingRow>& rows) {
    const auto damaged = [&](std::string_view why) {
      return tl::unexpected(Error{Errc::damaged, "the order of run " + run_.id() + " to " +
                                                     gsp_group.to_string() + ": " +
                                                     std::string(why)});
    };
    try {
      const storage::AlignedWords words(
          kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
      storage::EntryView view(words.words());
      const auto entry = view.entry();
      if (!entry || !entry->isGroupRun()) return damaged("is no such entry");
      const GroupOrder order = read_group_order(entry->getGroupRun());
      if (order.run != run_.number || order.day != run_.day || order.method != run_.method)
        return differs(gsp_group, "another run's", run_.id());
      if (encoded(order.standing) != encoded(rows))
        return differs(gsp_group, "other standing data", "the run's standing data");
    } catch (const kj::Exception& e) {
      return damaged(e.getDescription().cStr());
    } catch (const TurnFailure& e) {
      return damaged(e.what());
    }
    return {};
  }

  static std::vector<std::string> encoded(const std::vector<StandingRow>& rows) {
    storage::EntryScratch scratch;
    std::vector<std::string> all;
    for (const StandingRow& row : rows) {
      const auto bytes = encode_standing(row, scratch).asChars();
      all.emplace_back(bytes.begin(), bytes.size());
    }
    return all;
  }

  const storage::StoreSet& stores_;
  const core::SettlementCalendar& calendar_;
  const RunInfo& run_;
  const core::StandingData& standing_;
  DifferenceLog& log_;
};

}  // namespace

tl::expected<RunResults, Error> audit_groups(const storage::StoreSet& stores,
                                             const std::deque<PartitionAudit>& partitions,
                                             const core::SettlementCalendar& calendar,
                                             const RunInfo& run, const core::StandingData& standing,
                                             std::vector<core::Exception>& exceptions,
                                             DifferenceLog& log) {
  std::map<core::GspGroup, GroupVolumes> groups;
  for (const auto& partition : partitions) {
    for (const auto& sums : partition.terms_sums()) groups[sums.terms.gsp_group].add(sums);
    for (const auto& defaults : partition.defaults())
      groups[defaults.terms.gsp_group].add(defaults);
    exceptions.insert(exceptions.end(), partition.exceptions().begin(),
                      partition.exceptions().end());
  }
  GroupAudit audit(stores, calendar, run, standing, log);
  RunResults results;
  for (const auto& [gsp_group, sums] : groups) {
    const auto volumes = sums.active();
    auto settlement = audit.settle(gsp_group, volumes);
    if (!settlement) return tl::unexpected(settlement.error());
    exceptions.insert(exceptions.end(), settlement->exceptions.begin(),
                      settlement->exceptions.end());
    results.settlements.push_back(std::move(*settlement));
    const auto duos = duos_volumes(gsp_group, volumes);
    results.duos.insert(results.duos.end(), duos.begin(), duos.end());
  }
  std::sort(exceptions.begin(), exceptions.end());
  exceptions.erase(std::unique(exceptions.begin(), exceptions.end()), exceptions.end());
  return results;
}

}  // namespace hhgrid::actors
