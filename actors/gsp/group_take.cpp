#include "actors/gsp/group_take.hpp"

#include "actors/host/message_codec.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

MarketEffects take_turn(GspGroupState& state, schema::Entry::Reader entry, EntryBytes bytes,
                        const TurnContext& context, const StandingPorts& ports) {
  const auto take = storage::decode_group_take(entry);
  if (!take) throw TurnFailure(take.error().text);
  if (take->gsp_group != state.gsp_group)
    refuse_field("gspGroup", take->gsp_group.to_string(), "is not the group of this partition");
  MarketEffects effects;
  state.takes.turn(entry, bytes, context, ports, effects);
  return effects;
}

}  // namespace hhgrid::actors
