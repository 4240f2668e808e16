#pragma once

#include <string>

#include <caf/actor.hpp>
#include <caf/monitorable_actor.hpp>

#include "actors/host/messages.hpp"

namespace hhgrid::actors {

/// Who answers for hosted actors.
struct Hosts {
  caf::actor inspector;  ///< What asks an actor to describe itself: it waits for no partition.
  caf::actor desk;       ///< Everything else.
};

/// A handle to a hosted actor that any CAF actor can use like another: what is sent to it goes on
/// to a host with the address attached, and the host answers the sender. It holds no state of the
/// actor's and costs nothing when dropped.
class VirtualActor : public caf::monitorable_actor {
 public:
  VirtualActor(caf::actor_config& config, Hosts hosts, std::string address);
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override;
  const char* name() const override { return "virtual"; }

 private:
  Hosts hosts_;
  std::string address_;
};

caf::actor make_virtual_actor(caf::actor_system& system, Hosts hosts, std::string address);

}  // namespace hhgrid::actors
