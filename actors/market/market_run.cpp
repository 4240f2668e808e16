#include "actors/market/market_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "actors/gsp/group_order.hpp"
#include "actors/gsp/results_digest.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {
namespace {

storage::PartitionId read_partition(std::uint16_t value, storage::PartitionId partitions) {
  if (value >= partitions)
    refuse_field("partition", std::to_string(value),
                 "is not one of the grid's " + std::to_string(partitions));
  return value;
}

core::ShapeGroup read_full_group(schema::GroupKey::Reader in) {
  const core::ShapeGroup group = read_group(in);
  if (group.gsp_group.empty() || !group.domestic)
    refuse_field("group", group.to_string(), "is no full load-shape group");
  return group;
}

/// The reasons of all groups as one text; they are sentences that name their group where that
/// matters.
std::string joined(const std::set<std::string>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text.append(text.empty() ? "" : " ").append(reason);
  return text;
}

}  // namespace

RunEvent event_of(const RunInfo& run) {
  return {run.number, run.request_id, run.day, run.code, run.status, run.reason};
}

void require_zero_after(std::string_view field, const core::PeriodEnergy& energy,
                        int period_count) {
  for (auto i = static_cast<std::size_t>(period_count); i < energy.size(); ++i)
    if (energy[i] != 0)
      refuse_field(field, std::to_string(energy[i]),
                   fmt::format("stands after the settlement day's {} periods", period_count));
}

std::vector<GroupDaySums> read_shape_deltas(capnp::List<schema::ShapeSums>::Reader in) {
  std::vector<GroupDaySums> deltas;
  deltas.reserve(in.size());
  for (const auto delta : in) {
    read_full_group(delta.getGroup());
    deltas.push_back(read_shape_sums(delta));
  }
  return deltas;
}

PartitionSums read_partition_sums(schema::RunSums::Reader in, storage::PartitionId partitions) {
  PartitionSums sums;
  sums.run = in.getRunNumber();
  sums.input = {read_partition(in.getPartition(), partitions),
                storage::Position::from_number(in.getMarkerPosition()), in.getLedgerDigest()};
  sums.failure = in.getFailure().cStr();
  sums.shape_deltas = read_shape_deltas(in.getShapeDeltas());
  sums.run_only_deltas = read_shape_deltas(in.getRunOnlyDeltas());
  for (const auto terms_sums : in.getTermsSums())
    sums.terms_sums.push_back(read_terms_sums(terms_sums));
  for (const auto missing : in.getMissing())
    sums.missing.emplace(core::UtcDay{read_day("missing.utcDay", missing.getUtcDay())},
                         read_full_group(missing.getGroup()));
  return sums;
}

PartitionDefaults read_partition_defaults(schema::RunDefaults::Reader in,
                                          storage::PartitionId partitions) {
  PartitionDefaults defaults;
  defaults.run = in.getRunNumber();
  defaults.partition = read_partition(in.getPartition(), partitions);
  defaults.failure = in.getFailure().cStr();
  for (const auto sums : in.getSums()) defaults.sums.push_back(read_terms_defaults(sums));
  for (const auto exception : in.getExceptions())
    defaults.exceptions.push_back(read_exception(exception));
  return defaults;
}

GroupAnswer read_group_answer(schema::GroupSettled::Reader in) {
  GroupAnswer answer;
  answer.run = in.getRunNumber();
  const auto gsp_group = core::GspGroup::parse(std::string_view(in.getGspGroup().cStr()));
  if (!gsp_group) refuse_field("gspGroup", in.getGspGroup().cStr(), "is no GSP Group");
  answer.gsp_group = *gsp_group;
  answer.digest = in.getDigest();
  answer.held = in.getHeld().cStr();
  answer.refused = in.getRefused().cStr();
  for (const auto exception : in.getExceptions())
    answer.exceptions.push_back(read_exception(exception));
  return answer;
}

OpenRun::OpenRun(RunInfo info, StandingSnapshot standing, storage::PartitionId partitions)
    : info_(std::move(info)),
      standing_(std::move(standing)),
      sums_(partitions),
      defaulted_(partitions),
      sums_missing_(partitions),
      defaults_missing_(partitions) {
  info_.partitions.clear();
  for (storage::PartitionId partition = 0; partition < partitions; ++partition)
    info_.partitions.push_back({.partition = partition});
}

void OpenRun::take(PartitionSums sums) {
  auto& place = sums_.at(sums.input.partition);
  HHGRID_ASSERT(!place, info_.number, sums.input.partition);
  info_.partitions.at(sums.input.partition) = sums.input;
  if (!sums.failure.empty()) failures_.insert(sums.failure);
  for (const TermsSums& of_terms : sums.terms_sums) {
    const core::GspGroup group = of_terms.terms.gsp_group;
    groups_[group].add(of_terms);
    if (of_terms.msid_count > 0)
      member_groups_.insert(shape_group(of_terms.terms, of_terms.quantity));
  }
  sums.terms_sums = {};
  for (const GroupDaySums& delta : std::exchange(sums.shape_deltas, {}))
    shape_deltas_[delta.day][delta.group] += delta.sums;
  for (const GroupDaySums& change : std::exchange(sums.run_only_deltas, {})) run_only_.add(change);
  place = std::move(sums);
  --sums_missing_;
}

void OpenRun::take(const PartitionDefaults& defaults) {
  HHGRID_ASSERT(!defaulted_.at(defaults.partition), info_.number, defaults.partition);
  for (const TermsDefaults& sums : defaults.sums) {
    const core::GspGroup group = sums.terms.gsp_group;
    groups_[group].add(sums);
  }
  exceptions_.insert(exceptions_.end(), defaults.exceptions.begin(), defaults.exceptions.end());
  if (!defaults.failure.empty()) failures_.insert(defaults.failure);
  defaulted_[defaults.partition] = true;
  --defaults_missing_;
}

// -- load shapes --------------------------------------------------------------------------------

std::set<WantedShape> OpenRun::wanted_shapes(const core::SettlementCalendar& calendar) const {
  std::set<core::ShapeGroup> groups = member_groups_;
  for (const auto& sums : sums_)
    for (const auto& missing : sums->missing) groups.insert(missing.second);
  std::set<WantedShape> wanted;
  for (const auto& span : calendar.spans_of(info_.day))
    for (const auto& group : groups) wanted.emplace(span.day, group);
  return wanted;
}

void OpenRun::shapes_made(std::vector<GroupDayShape> shapes) {
  HHGRID_ASSERT(has_all_sums() && !shaped_, info_.number);
  shapes_ = std::move(shapes);
  shaped_ = true;
  shape_deltas_ = {};
  run_only_ = {};
}

void OpenRun::write_shapes_for(storage::PartitionId partition,
                               schema::RunShapes::Builder out) const {
  std::vector<const GroupDayShape*> asked;
  const auto& missing = sums_.at(partition)->missing;
  for (const GroupDayShape& shape : shapes_)
    if (missing.contains({shape.day, shape.group})) asked.push_back(&shape);
  HHGRID_ASSERT(asked.size() == missing.size(), info_.number, asked.size(), missing.size());
  out.setRunNumber(info_.number);
  auto list = out.initShapes(static_cast<unsigned>(asked.size()));
  for (unsigned i = 0; i < list.size(); ++i) write_shape_values(*asked[i], list[i]);
}

// -- settling -----------------------------------------------------------------------------------

std::vector<core::GspGroup> OpenRun::groups() const {
  std::vector<core::GspGroup> groups;
  for (const auto& [gsp_group, volumes] : groups_) groups.push_back(gsp_group);
  return groups;
}

bool OpenRun::awaits(core::GspGroup gsp_group) const {
  return has_all_defaults() && groups_.contains(gsp_group) && !answers_.contains(gsp_group);
}

void OpenRun::write_order_for(core::GspGroup gsp_group, const core::SettlementCalendar& calendar,
                              schema::GroupRun::Builder out) const {
  HHGRID_ASSERT(has_all_defaults() && shaped_, info_.number);
  GroupOrder order{info_.number, gsp_group, info_.day, info_.method, {}, {}};
  order.volumes = groups_.at(gsp_group).active();
  order.standing = standing_of_group(*standing_, gsp_group, info_.day,
                                     calendar.period_count(info_.day), order.volumes);
  write_group_order(order, out);
}

void OpenRun::take(const GroupAnswer& answer) {
  HHGRID_ASSERT(awaits(answer.gsp_group), info_.number, answer.gsp_group.to_string());
  exceptions_.insert(exceptions_.end(), answer.exceptions.begin(), answer.exceptions.end());
  answers_.emplace(answer.gsp_group, answer);
}

void OpenRun::finish(const storage::Topology& topology, MarketEffects& effects) {
  HHGRID_ASSERT(has_all_defaults() && has_all_answers(), info_.number);
  decide();
  if (info_.status != RunStatus::REFUSED)  // nothing of a refused run counts
    for (const auto& [gsp_group, answer] : answers_)
      info_.groups.push_back({gsp_group, answer.digest});
  store(topology, effects);
}

void OpenRun::refuse(const storage::Topology& topology, MarketEffects& effects) {
  HHGRID_ASSERT(failed(), info_.number);
  info_.status = RunStatus::REFUSED;
  info_.reason = joined(failures_);
  store(topology, effects);
}

/// What the partitions have sent is of no more use; the record gets the final status.
void OpenRun::store(const storage::Topology& topology, MarketEffects& effects) {
  const auto forget = [&](std::uint8_t which, storage::PartitionId partition) {
    effects.erase(storage::Family::run, run_key::input(info_.number, which, partition));
  };
  for (const PartitionInput& input : info_.partitions)
    for (const auto which : {run_key::sums_input, run_key::defaults_input})
      forget(which, input.partition);
  for (const auto& [gsp_group, answer] : answers_)
    forget(run_key::settled_input, topology.of(gsp_group));
  info_.digest = results_digest(info_.groups, shapes_);
  info_.exception_count = write_exceptions(info_.number, std::move(exceptions_), effects);
  write_run(info_, effects);
}

void OpenRun::decide() {
  std::set<std::string> refused, held;
  for (const auto& [gsp_group, answer] : answers_) {
    if (!answer.refused.empty()) refused.insert(answer.refused);
    if (!answer.held.empty()) held.insert(answer.held);
  }
  if (answers_.empty())
    refused.insert(
        "By what was received up to the cut-off, no meter is registered on the settlement day: "
        "there is nothing to settle.");
  info_.status = !refused.empty() ? RunStatus::REFUSED
                 : !held.empty()  ? RunStatus::HELD
                                  : RunStatus::PUBLISHED;
  info_.reason = joined(!refused.empty() ? refused : held);
}

}  // namespace hhgrid::actors
