#include "actors/gsp/gsp_fold.hpp"

#include <fmt/format.h>

#include "actors/gsp/group_run.hpp"
#include "actors/gsp/group_run_dropped.hpp"
#include "actors/gsp/group_take.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/standing/standing_refusals.hpp"
#include "core/assertion.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

using storage::Family;

GspFold::GspFold(Identity identity, storage::Store& store, const core::SettlementCalendar& calendar)
    : Fold(identity, store),
      state_{identity.topology.gsp_group(identity.id), calendar, identity.topology, {}} {
  HHGRID_ASSERT(!state_.gsp_group.empty(), identity.id);
}

tl::expected<void, storage::Error> GspFold::load_state() {
  const storage::Store::View view(store());
  return state_.takes.load(view);
}

// -- turns --------------------------------------------------------------------------------------

MarketEffects GspFold::effects_of(const schema::Entry::Reader& entry, EntryBytes bytes,
                                  const TurnContext& context) {
  switch (entry.which()) {
    case schema::Entry::GROUP_TAKE:
      return take_turn(state_, entry, bytes, context, standing_ports(context));
    case schema::Entry::GROUP_RUN:
      return actors::turn(state_, entry.getGroupRun(), bytes, context, ports());
    case schema::Entry::GROUP_RUN_DROPPED:
      return actors::turn(state_, entry.getGroupRunDropped(), ports());
    default:
      throw TurnFailure(fmt::format("an entry of kind {} is not for a GSP Group's partition",
                                    static_cast<int>(entry.which())));
  }
}

void GspFold::turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                   const TurnContext& context) {
  if (entry.isDeadLetterReplay()) {
    replay_dead_letter(storage::Position::from_number(entry.getDeadLetterReplay().getPosition()),
                       context);
    return;
  }
  MarketEffects effects = effects_of(entry, bytes, context);
  if (effects.writes.empty()) leaves_nothing();
  if (is_replied_to() && is_standing(entry.which())) reply(standing_reply(effects));
  tell_senders(effects.contradicted);
  take(std::move(effects));
}

void GspFold::take(MarketEffects effects) {
  for (MarketMessage& message : effects.messages) send(message.destination, *message.message);
  for (StoreWrite& write : effects.writes)
    writes_.insert_or_assign({write.family, std::move(write.key)}, std::move(write.value));
}

std::string GspFold::address_of(const schema::Entry::Reader&) const {
  return "gsp/" + state_.gsp_group.to_string();
}

/// A run learns at once that the group cannot be settled, and is refused; later ones go on.
bool GspFold::answers_failure(const schema::Entry::Reader& entry, const std::string& reason) {
  if (!entry.isGroupRun()) return false;
  take(refuse_run(state_, entry.getGroupRun().getRunNumber(), reason));
  return true;
}

void GspFold::write_state(storage::Commit& commit) {
  for (const auto& [place, value] : writes_) {
    if (value)
      commit.put(place.first, place.second, *value);
    else
      commit.erase(place.first, place.second);
  }
  writes_.clear();
}

// -- what turns may read --------------------------------------------------------------------------

GspGroupPorts GspFold::ports() const {
  return {.bmu_day = [this](const BmuAddress& address,
                            core::SettlementDay day) { return bmu_day(address, day); },
          .bmu_days = [this](core::SettlementDay day) { return bmu_days(day); },
          .result_keys =
              [this](std::uint32_t run) {
                std::vector<std::string> keys;
                for (const char tag : {run_key::order_tag, run_key::component_tag,
                                       run_key::factor_tag, run_key::duos_tag})
                  for (const auto& [key, value] : records(Family::run, run_key::prefix(tag, run)))
                    keys.push_back(key);
                return keys;
              }};
}

StandingPorts GspFold::standing_ports(const TurnContext& context) const {
  return {
      .delivery_began = delivery_began(),
      .of_delivery = [this, position = context.position](
                         storage::Position earlier) { return of_one_delivery(earlier, position); },
      .records = [this](const std::string& prefix) { return records(Family::actor, prefix); }};
}

GspFold::Records GspFold::records(Family family, const std::string& prefix) const {
  Records found;
  const auto scanned =
      store().scan_prefix(family, prefix, [&](std::string_view key, std::string_view value) {
        found.emplace(key, value);
        return true;
      });
  if (!scanned) throw_read_error(scanned.error());
  for (auto at = writes_.lower_bound({family, prefix}); at != writes_.end(); ++at) {
    const auto& [place, value] = *at;
    if (place.first != family || !place.second.starts_with(prefix)) break;
    if (value)
      found.insert_or_assign(place.second, *value);
    else
      found.erase(place.second);
  }
  return found;
}

BmuRun GspFold::bmu_run(const std::string& key, const std::string& value) const {
  auto run = read_bmu_record(
      key, value, store().path().string() + " BM unit record " + storage::printable_key(key));
  if (!run) throw_read_error(run.error());
  return std::move(*run);
}

BmuDay GspFold::bmu_day(const BmuAddress& address, core::SettlementDay day) const {
  BmuDay state{address, day, {}};
  for (const auto& [key, value] : records(Family::actor, bmu_key::of_unit(day, address)))
    state.runs.push_back(bmu_run(key, value));
  return state;
}

std::vector<BmuDay> GspFold::bmu_days(core::SettlementDay day) const {
  std::vector<BmuDay> units;
  for (const auto& [key, value] : records(Family::actor, bmu_key::of_day(day))) {
    BmuRun run = bmu_run(key, value);
    const BmuAddress address = bmu_key::read(key)->address;
    if (units.empty() || units.back().address != address) units.push_back({address, day, {}});
    units.back().runs.push_back(std::move(run));
  }
  return units;
}

}  // namespace hhgrid::actors
