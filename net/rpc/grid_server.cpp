#include "net/rpc/grid_server.hpp"

#include <capnp/rpc-twoparty.h>
#include <spdlog/spdlog.h>

#include "net/rpc/answer_codec.hpp"
#include "net/rpc/operator_server.hpp"
#include "net/rpc/schema/grid.capnp.h"
#include "net/rpc/viewer_server.hpp"

namespace hhgrid::net {
namespace {

/// What the calls of one connection may hold unanswered before no more is read from it.
constexpr std::size_t flow_limit_words = 2 * rpc::CREDIT_BYTES / sizeof(capnp::word);
/// A block of the most messages, as wide as they come.
constexpr capnp::ReaderOptions reader_options{
    .traversalLimitInWords = 2 * rpc::CREDIT_BYTES / sizeof(capnp::word), .nestingLimit = 32};

class DoorServer final : public rpc::Door::Server {
 public:
  DoorServer(const ServedGrid& grid, Workers& workers) : grid_(grid), workers_(workers) {}

  kj::Promise<void> enter(EnterContext context) override {
    auto results = context.getResults();
    if (context.getParams().getProtocolVersion() == 0) {
      write(storage::Error{storage::Errc::older_format, "protocolVersion 0: give the newest known"},
            results.initFailure());
      return kj::READY_NOW;
    }
    auto node = results.initNode();
    node.setVersion(text_of(grid_.version));
    node.setDirectory(text_of(grid_.directory));
    node.setMeterPartitions(grid_.service.topology().meter_partitions());
    results.setViewer(kj::heap<ViewerServer>(grid_, workers_));
    results.setOperator(kj::heap<OperatorServer>(grid_, workers_));
    return kj::READY_NOW;
  }

 private:
  const ServedGrid& grid_;
  Workers& workers_;
};

struct Connection {
  Connection(kj::Own<kj::AsyncIoStream> accepted, capnp::Capability::Client door)
      : stream(kj::mv(accepted)),
        network(*stream, capnp::rpc::twoparty::Side::SERVER, reader_options),
        system(capnp::makeRpcServer(network, kj::mv(door))) {
    system.setFlowLimit(flow_limit_words);
  }
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
};

}  // namespace

GridServer::GridServer(const ServedGrid& grid, Workers& workers)
    : grid_(grid),
      workers_(workers),
      connections_(kj::heap<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this))) {}

kj::Promise<void> GridServer::listen(kj::ConnectionReceiver& receiver) {
  return receiver.accept().then([this, &receiver](kj::Own<kj::AsyncIoStream>&& stream) {
    if (connection_count_ < connections_max)
      serve(kj::mv(stream));
    else
      spdlog::warn("the node has {} connections and takes no more", connection_count_);
    return listen(receiver);
  });
}

void GridServer::serve(kj::Own<kj::AsyncIoStream> stream) {
  auto connection = kj::heap<Connection>(kj::mv(stream), kj::heap<DoorServer>(grid_, workers_));
  ++connection_count_;
  auto gone = connection->network.onDisconnect();
  connections_->add(
      gone.attach(kj::mv(connection)).attach(kj::defer([this] { --connection_count_; })));
}

kj::Promise<void> GridServer::end() {
  connections_ = kj::heap<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  return workers_.idle();
}

void GridServer::taskFailed(kj::Exception&& exception) {
  spdlog::debug("a connection of the node ended: {}", exception.getDescription().cStr());
}

}  // namespace hhgrid::net
