#include "actors/host/virtual_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>

namespace hhgrid::actors {

VirtualActor::VirtualActor(caf::actor_config& config, Hosts hosts, std::string address)
    : caf::monitorable_actor(config), hosts_(std::move(hosts)), address_(std::move(address)) {}

void VirtualActor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  caf::message content = what->move_content_to_message();
  const bool inspects = content.match_elements<inspect_atom>() ||
                        content.match_elements<inspect_atom, std::int32_t>();
  auto* host = caf::actor_cast<caf::abstract_actor*>(inspects ? hosts_.inspector : hosts_.desk);
  host->enqueue(caf::make_mailbox_element(what->sender, what->mid, {},
                                          Envelope{address_, std::move(content)}),
                unit);
}

caf::actor make_virtual_actor(caf::actor_system& system, Hosts hosts, std::string address) {
  caf::actor_config config;
  return caf::make_actor<VirtualActor, caf::actor>(system.next_actor_id(), system.node(), &system,
                                                   config, std::move(hosts), std::move(address));
}

}  // namespace hhgrid::actors
