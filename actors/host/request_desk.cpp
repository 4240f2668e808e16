#include "actors/host/request_desk.hpp"

#include <fmt/format.h>

#include "actors/host/address.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {
namespace {

using Desk = caf::stateful_actor<DeskState>;
using storage::Errc;
using storage::Error;
using storage::PartitionId;

constexpr auto credit_interval = std::chrono::milliseconds(1);
constexpr std::uint32_t block_entries_max = 4096;

caf::error to_caf(const std::string& text) {
  return caf::make_error(caf::sec::invalid_argument, text);
}

void fail_all(std::vector<caf::response_promise>& promises, const std::string& why) {
  for (auto& promise : promises) promise.deliver(caf::make_error(caf::sec::runtime_error, why));
  promises.clear();
}

void append(Desk* self, PartitionId id, storage::Block block) {
  auto& lane = self->state.lanes[id];
  lane.appending = true;
  const auto desk = caf::actor_cast<caf::actor>(self);
  const bool taken = self->state.wiring.journal->append_async(
      id, block, [desk, id](const tl::expected<storage::BlockNumber, Error>& done) {
        caf::anon_send(desk, appended_atom::value, id, done ? std::string() : done.error().text,
                       !done && done.error().code == Errc::no_space);
      });
  if (taken) return;
  lane.refused = std::move(block);
  self->delayed_send(self, credit_interval, retry_atom::value, id);
}

void flush(Desk* self, PartitionId id) {
  auto& lane = self->state.lanes[id];
  if (lane.appending || lane.builder.empty()) return;
  lane.builder.set_received_at(self->state.wiring.clock());
  storage::Block block = lane.builder.finish({self->state.wiring.sender, ++lane.n});
  lane.sent.emplace(lane.n, std::move(lane.collected));
  lane.collected.clear();
  append(self, id, std::move(block));
}

/// `n` of a block that was not stored is the next one's.
void appended(Desk* self, PartitionId id, const std::string& error, bool not_stored) {
  auto& lane = self->state.lanes[id];
  lane.appending = false;
  if (!error.empty()) {
    if (auto lost = lane.sent.extract(lane.n); !lost.empty()) fail_all(lost.mapped(), error);
    if (not_stored) {
      --lane.n;
      lane.told_maximum = lane.told_maximum && lane.n > 0;
    } else {
      lane.broken = error;  // it may have been stored: nobody knows the next n
      fail_all(lane.collected, error);
      lane.builder = storage::BlockBuilder({}, {});
      return;
    }
  }
  flush(self, id);
}

void collect(Desk* self, PartitionId id, storage::EntryWords words) {
  auto& lane = self->state.lanes[id];
  const auto& topology = self->state.wiring.topology;
  if (topology.kind(id) == storage::PartitionKind::meters && !lane.told_maximum) {
    lane.told_maximum = true;
    storage::EntryScratch scratch;
    lane.builder.add(storage::encode_consumption_limits(self->state.wiring.maximum, scratch));
    lane.collected.emplace_back();  // nobody asks for its reply
  }
  lane.builder.add(words);
}

caf::result<caf::message> take(Desk* self, PartitionId id, storage::EntryWords words) {
  auto& lane = self->state.lanes[id];
  if (!lane.broken.empty()) return caf::make_error(caf::sec::runtime_error, lane.broken);
  if (lane.builder.count() + 2 > block_entries_max)
    return caf::make_error(caf::sec::runtime_error,
                           fmt::format("partition {} is behind: {} requests wait for it; ask again "
                                       "later",
                                       id, lane.builder.count()));
  collect(self, id, words);
  lane.collected.push_back(self->make_response_promise());
  flush(self, id);
  return caf::delegated<caf::message>();
}

/// `message` as an entry, when it is of the actor that the handle is of.
template <class Message, class Id>
caf::result<caf::message> take_of(Desk* self, const Id& addressee, const Id& of, PartitionId id,
                                  const Message& message,
                                  storage::EntryWords (*encode)(const Message&,
                                                                storage::EntryScratch&)) {
  if (!(addressee == of))
    return to_caf(fmt::format("the message is of {}, the handle of {}", of.to_string(),
                              addressee.to_string()));
  try {
    return take(self, id, encode(message, self->state.scratch));
  } catch (const core::BrokenInvariant& broken) {
    return to_caf(fmt::format("the message does not hold: {}", broken.what()));
  }
}

caf::result<caf::message> take_meter(Desk* self, core::Mpan mpan, const caf::message& content) {
  const PartitionId id = self->state.wiring.topology.of(mpan);
  if (content.match_elements<storage::ConsumptionDay>()) {
    const auto& day = content.get_as<storage::ConsumptionDay>(0);
    return take_of(self, mpan, day.mpan, id, day, &storage::encode_consumption);
  }
  if (content.match_elements<storage::Registration>()) {
    const auto& registration = content.get_as<storage::Registration>(0);
    return take_of(self, mpan, registration.mpan, id, registration, &storage::encode_registration);
  }
  if (content.match_elements<storage::AnnualConsumption>()) {
    const auto& annual = content.get_as<storage::AnnualConsumption>(0);
    return take_of(self, mpan, annual.mpan, id, annual, &storage::encode_annual_consumption);
  }
  if (content.match_elements<storage::MeterRegister>()) {
    const auto& fitted = content.get_as<storage::MeterRegister>(0);
    return take_of(self, mpan, fitted.mpan, id, fitted, &storage::encode_meter_register);
  }
  return caf::sec::unexpected_message;
}

/// The partition that hosts an actor: of a load shape or a BM unit, which may be in several, the
/// market's.
PartitionId host_of(const storage::Topology& topology, const Address& address) {
  if (const auto* mpan = std::get_if<core::Mpan>(&address)) return topology.of(*mpan);
  if (const auto* group = std::get_if<core::GspGroup>(&address)) return topology.of(*group);
  return topology.market();
}

caf::result<caf::message> answer(Desk* self, const Envelope& envelope) {
  const auto& content = envelope.content;
  const auto address = parse_address(envelope.address);
  if (!address) return to_caf(address.error().text);
  if (content.match_elements<status_atom>()) {
    self->delegate(self->state.wiring.partition(host_of(self->state.wiring.topology, *address)),
                   status_atom::value);
    return caf::delegated<caf::message>();
  }
  if (const auto* mpan = std::get_if<core::Mpan>(&*address))
    return take_meter(self, *mpan, content);
  const auto* group = std::get_if<core::GspGroup>(&*address);
  if (group == nullptr || !content.match_elements<storage::GroupTake>())
    return caf::sec::unexpected_message;
  const auto& group_take = content.get_as<storage::GroupTake>(0);
  return take_of(self, *group, group_take.gsp_group, self->state.wiring.topology.of(*group),
                 group_take, &storage::encode_group_take);
}

void deliver(Desk* self, const BlockReplies& block) {
  auto& lane = self->state.lanes[block.partition];
  auto sent = lane.sent.extract(block.n);
  if (sent.empty()) return;
  auto& promises = sent.mapped();
  HHGRID_ASSERT(promises.size() == block.replies.size(), promises.size(), block.replies.size());
  for (std::size_t i = 0; i < promises.size(); ++i) promises[i].deliver(block.replies[i]);
}

}  // namespace

caf::behavior request_desk(Desk* self, DeskWiring wiring) {
  self->state.lanes.resize(wiring.topology.count());
  self->state.wiring = std::move(wiring);
  log_exceptions(self, "request desk");
  self->set_exit_handler([self](caf::exit_msg& exit) {
    for (auto& lane : self->state.lanes) {
      fail_all(lane.collected, "the grid is closed");
      for (auto& [n, promises] : lane.sent) fail_all(promises, "the grid is closed");
    }
    self->quit(exit.reason);
  });
  return {
      [self](const Envelope& envelope) { return answer(self, envelope); },
      [self](appended_atom, PartitionId id, const std::string& error, bool not_stored) {
        appended(self, id, error, not_stored);
      },
      [self](retry_atom, PartitionId id) {
        if (auto block = std::exchange(self->state.lanes[id].refused, std::nullopt))
          append(self, id, std::move(*block));
      },
      [self](const BlockReplies& block) { deliver(self, block); },
  };
}

}  // namespace hhgrid::actors
