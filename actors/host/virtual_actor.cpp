#include "actors/host/virtual_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>

namespace hhgrid::actors {

VirtualActor::VirtualActor(caf::actor_config& config, caf::actor host, std::string address)
    : caf::monitorable_actor(config), host_(std::move(host)), address_(std::move(address)) {}

void VirtualActor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  auto* host = caf::actor_cast<caf::abstract_actor*>(host_);
  host->enqueue(caf::make_mailbox_element(what->sender, what->mid, {},
                                          Envelope{address_, what->move_content_to_message()}),
                unit);
}

caf::actor make_virtual_actor(caf::actor_system& system, caf::actor host, std::string address) {
  caf::actor_config config;
  return caf::make_actor<VirtualActor, caf::actor>(system.next_actor_id(), system.node(), &system,
                                                   config, std::move(host), std::move(address));
}

}  // namespace hhgrid::actors
