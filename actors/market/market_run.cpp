#include "actors/market/market_run.hpp"

#include <algorithm>

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

std::vector<GroupDaySums> read_deltas(capnp::List<schema::ShapeSums>::Reader in) {
  std::vector<GroupDaySums> deltas;
  deltas.reserve(in.size());
  for (const auto delta : in) {
    read_full_group(delta.getGroup());
    deltas.push_back(read_shape_sums(delta));
  }
  return deltas;
}

/// The reasons of all groups as one text; they are sentences that name their group where that
/// matters.
std::string joined(const std::set<std::string>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text.append(text.empty() ? "" : " ").append(reason);
  return text;
}

}  // namespace

PartitionSums read_partition_sums(schema::RunSums::Reader in, storage::PartitionId partitions) {
  PartitionSums sums;
  sums.run = in.getRunNumber();
  sums.input = {read_partition(in.getPartition(), partitions),
                storage::Position::from_number(in.getMarkerPosition()), in.getLedgerDigest()};
  sums.failure = in.getFailure().cStr();
  sums.shape_deltas = read_deltas(in.getShapeDeltas());
  sums.run_only_deltas = read_deltas(in.getRunOnlyDeltas());
  for (const auto component : in.getComponents())
    sums.components.push_back(read_terms_sums(component));
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
  for (const TermsSums& component : sums.components) {
    const core::GspGroup group = component.terms.gsp_group;
    groups_.try_emplace(group, group).first->second.turn(component);
    if (component.msid_count > 0)
      member_groups_.insert(shape_group(component.terms, component.quantity));
  }
  sums.components.clear();
  sums.components.shrink_to_fit();
  place = std::move(sums);
  --sums_missing_;
}

void OpenRun::take(const PartitionDefaults& defaults) {
  HHGRID_ASSERT(!defaulted_.at(defaults.partition), info_.number, defaults.partition);
  for (const TermsDefaults& sums : defaults.sums) {
    const core::GspGroup group = sums.terms.gsp_group;
    groups_.try_emplace(group, group).first->second.turn(sums);
  }
  info_.exceptions.insert(info_.exceptions.end(), defaults.exceptions.begin(),
                          defaults.exceptions.end());
  if (!defaults.failure.empty()) failures_.insert(defaults.failure);
  defaulted_[defaults.partition] = true;
  --defaults_missing_;
}

// -- load shapes --------------------------------------------------------------------------------

std::vector<GroupDaySums> OpenRun::shape_deltas() const {
  std::vector<GroupDaySums> all;
  for (const auto& sums : sums_)
    all.insert(all.end(), sums->shape_deltas.begin(), sums->shape_deltas.end());
  return all;
}

std::vector<GroupDaySums> OpenRun::run_only_deltas() const {
  std::vector<GroupDaySums> all;
  for (const auto& sums : sums_)
    all.insert(all.end(), sums->run_only_deltas.begin(), sums->run_only_deltas.end());
  return all;
}

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
  for (auto& sums : sums_) {
    sums->shape_deltas = {};
    sums->run_only_deltas = {};
  }
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

void OpenRun::settle(const core::SettlementCalendar& calendar, MarketEffects& effects) {
  HHGRID_ASSERT(defaults_missing_ == 0 && shaped_, info_.number);
  const int period_count = calendar.period_count(info_.day);
  std::vector<core::GroupSettlement> settlements;
  for (const auto& [gsp_group, group] : groups_) {
    settlements.push_back(group.settle(info_.day, period_count, *standing_, info_.method));
    const auto& found = settlements.back().exceptions;
    info_.exceptions.insert(info_.exceptions.end(), found.begin(), found.end());
  }
  decide(settlements);
  if (info_.status == RunStatus::REFUSED) settlements.clear();  // nothing of a refused run counts
  for (const auto& settlement : settlements) {
    write_settlement(info_.number, settlement, effects);
    write_duos(info_.number, groups_.at(settlement.gsp_group).duos_volumes(), effects);
  }
  info_.digest = results_digest(settlements, shapes_);
  finish(effects);
}

void OpenRun::refuse(MarketEffects& effects) {
  HHGRID_ASSERT(failed(), info_.number);
  info_.status = RunStatus::REFUSED;
  info_.reason = joined(failures_);
  info_.digest = results_digest({}, shapes_);
  finish(effects);
}

/// What the partitions have sent is of no more use; the record gets the final status.
void OpenRun::finish(MarketEffects& effects) {
  std::sort(info_.exceptions.begin(), info_.exceptions.end());
  info_.exceptions.erase(std::unique(info_.exceptions.begin(), info_.exceptions.end()),
                         info_.exceptions.end());
  for (const PartitionInput& input : info_.partitions)
    for (const auto which : {run_key::sums_input, run_key::defaults_input})
      effects.erase(storage::Family::run, run_key::input(info_.number, which, input.partition));
  write_run(info_, effects);
}

void OpenRun::decide(const std::vector<core::GroupSettlement>& settlements) {
  std::set<std::string> refused, held;
  for (const auto& settlement : settlements) {
    if (settlement.refused) refused.insert(*settlement.refused);
    if (settlement.held) held.insert(*settlement.held);
  }
  if (settlements.empty())
    refused.insert(
        "By what was received up to the cut-off, no meter is registered on the settlement day: "
        "there is nothing to settle.");
  info_.status = !refused.empty() ? RunStatus::REFUSED
                 : !held.empty()  ? RunStatus::HELD
                                  : RunStatus::PUBLISHED;
  info_.reason = joined(!refused.empty() ? refused : held);
}

}  // namespace hhgrid::actors
