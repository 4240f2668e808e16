#include "net/rpc/rpc_connection.hpp"

#include <future>

#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/async-io.h>

#include "net/rpc/answer_codec.hpp"

namespace hhgrid::net {

using storage::Errc;
using storage::Error;

namespace {

/// Answers may be large: all runs, or many messages.
constexpr capnp::ReaderOptions answer_options{.traversalLimitInWords = std::uint64_t{1} << 30,
                                              .nestingLimit = 32};

}  // namespace

/// What lives on the loop's thread.
struct RpcConnection::Loop {
  explicit Loop(kj::Own<kj::AsyncIoStream> connected)
      : stream(kj::mv(connected)),
        network(*stream, capnp::rpc::twoparty::Side::CLIENT, answer_options),
        system(capnp::makeRpcClient(network)) {}

  rpc::Door::Client door() {
    capnp::word scratch[4] = {};
    capnp::MallocMessageBuilder message(scratch);
    auto node = message.getRoot<capnp::rpc::twoparty::VatId>();
    node.setSide(capnp::rpc::twoparty::Side::SERVER);
    return system.bootstrap(node).castAs<rpc::Door>();
  }

  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  kj::Maybe<rpc::Viewer::Client> viewer;
  kj::Maybe<rpc::Operator::Client> operations;
  kj::Own<kj::PromiseFulfiller<void>> stop;
};

struct RpcConnection::Opening {
  std::promise<tl::expected<void, Error>> done;
};

tl::expected<std::shared_ptr<RpcConnection>, Error> RpcConnection::open(
    const std::string& address) {
  std::shared_ptr<RpcConnection> connection(new RpcConnection(address));
  Opening opening;
  auto opened = opening.done.get_future();
  connection->thread_ =
      std::thread([&connection = *connection, &opening] { connection.work(opening); });
  if (auto done = opened.get(); !done) return tl::unexpected(done.error());
  return connection;
}

RpcConnection::~RpcConnection() {
  if (executor_.get() != nullptr)
    KJ_IF_MAYBE (thrown, kj::runCatchingExceptions(
                             [&] { executor_->executeSync([this] { loop_->stop->fulfill(); }); }))
      static_cast<void>(thrown);  // the loop has ended by itself
  if (thread_.joinable()) thread_.join();
}

/// The loop's thread: connects, then serves calls until the connection is no longer wanted.
void RpcConnection::work(Opening& opening) {
  bool told = false;
  const auto tell = [&](tl::expected<void, Error> done) {
    told = true;
    opening.done.set_value(std::move(done));  // `opening` may go now
  };
  KJ_IF_MAYBE (thrown, kj::runCatchingExceptions([&] {
                 auto io = kj::setupAsyncIo();
                 auto& network = io.provider->getNetwork();
                 auto stream = network.parseAddress(address_.c_str())
                                   .wait(io.waitScope)
                                   ->connect()
                                   .wait(io.waitScope);
                 Loop loop(kj::mv(stream));
                 loop_ = &loop;
                 auto entered = enter(io.waitScope);
                 if (!entered) return tell(std::move(entered));
                 auto stopping = kj::newPromiseAndFulfiller<void>();
                 loop.stop = kj::mv(stopping.fulfiller);
                 executor_ = kj::getCurrentThreadExecutor().addRef();
                 tell({});
                 stopping.promise.wait(io.waitScope);
               }))
    if (!told) tell(tl::unexpected(broken(*thrown)));
}

tl::expected<void, Error> RpcConnection::enter(kj::WaitScope& waiting) {
  auto request = loop_->door().enterRequest();
  request.setProtocolVersion(rpc::PROTOCOL_VERSION);
  const auto answer = request.send().wait(waiting);
  if (answer.hasFailure()) return tl::unexpected(read_failure(answer.getFailure()));
  loop_->viewer = answer.getViewer();
  loop_->operations = answer.getOperator();
  meter_partitions_ = answer.getNode().getMeterPartitions();
  return {};
}

rpc::Viewer::Client& RpcConnection::viewer() { return KJ_REQUIRE_NONNULL(loop_->viewer); }
rpc::Operator::Client& RpcConnection::operations() { return KJ_REQUIRE_NONNULL(loop_->operations); }

Error RpcConnection::broken(const kj::Exception& exception) const {
  // What it says of a connection that has ended is which call of the system noticed.
  const bool has_gone =
      loop_ != nullptr && exception.getType() == kj::Exception::Type::DISCONNECTED;
  return {Errc::unanswered, fmt::format("{}: no node answers: {}", address_,
                                        has_gone ? "it has closed the connection"
                                                 : exception.getDescription().cStr())};
}

}  // namespace hhgrid::net
