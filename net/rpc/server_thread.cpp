#include "net/rpc/server_thread.hpp"

#include <exception>
#include <future>

#include <kj/async-io.h>

#include "net/rpc/grid_server.hpp"
#include "net/rpc/workers.hpp"

namespace hhgrid::net {
namespace {

constexpr std::size_t worker_threads = 4;

}  // namespace

struct ServerThread::Opening {
  std::promise<void> done;
};

ServerThread::ServerThread(const ServedGrid& grid, std::filesystem::path socket)
    : grid_(grid), socket_(std::move(socket)) {
  Opening opening;
  auto opened = opening.done.get_future();
  thread_ = std::thread([this, &opening] { serve(opening); });
  try {
    opened.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

void ServerThread::stop() {
  if (!thread_.joinable()) return;
  executor_->executeSync([this] { stop_->fulfill(); });
  thread_.join();
}

void ServerThread::serve(Opening& opening) {
  auto io = kj::setupAsyncIo();
  Workers workers(worker_threads);
  GridServer server(grid_, workers);
  kj::Own<kj::ConnectionReceiver> receiver;
  try {
    receiver =
        io.provider->getNetwork().parseAddress(address().c_str()).wait(io.waitScope)->listen();
  } catch (...) {
    opening.done.set_exception(std::current_exception());
    return;
  }
  kj::Promise<void> listening = server.listen(*receiver);
  auto stopping = kj::newPromiseAndFulfiller<void>();
  stop_ = kj::mv(stopping.fulfiller);
  executor_ = kj::getCurrentThreadExecutor().addRef();
  opening.done.set_value();  // `opening` may go now
  stopping.promise.wait(io.waitScope);
  listening = kj::READY_NOW;  // nobody comes any more
  server.end().wait(io.waitScope);
}

}  // namespace hhgrid::net
