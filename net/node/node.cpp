#include "net/node/node.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <kj/async-unix.h>
#include <kj/compat/http.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "net/node/health.hpp"
#include "net/rpc/grid_server.hpp"

namespace hhgrid::net {

using storage::Errc;
using storage::Error;

namespace {

/// What waits at once: calls of clients, and the timekeeper's.
constexpr std::size_t worker_threads = 16;
constexpr mode_t socket_mode = 0660;

tl::unexpected<Error> io_error(const std::string& what, const std::string& cause) {
  return tl::unexpected(Error{Errc::io, fmt::format("{}: {}", what, cause)});
}

/// A Unix socket that listens; nobody can come by it before its permissions are right.
tl::expected<int, Error> listen_at(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path)
    return io_error(
        "[node] socket = " + name,
        fmt::format("the path of a Unix socket has at most {} bytes: name a shorter one",
                    sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, name.data(), name.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return io_error(name, std::strerror(errno));
  unlink(name.c_str());  // whoever left it no longer has the directory
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(name.c_str(), socket_mode) != 0 || listen(fd, SOMAXCONN) != 0) {
    const std::string cause = std::strerror(errno);
    close(fd);
    return io_error(name, cause);
  }
  return fd;
}

std::string trouble_of(actors::Grid& grid) {
  for (const auto& partition : grid.status())
    if (!partition.trouble.empty()) return partition.name + ": " + partition.trouble;
  return {};
}

/// What serves on the loop's thread.
class Serving {
 public:
  Serving(kj::AsyncIoContext& io, actors::Grid& grid, const ServedGrid& served,
          const NodeOptions& options)
      : io_(io),
        options_(options),
        workers_(worker_threads),
        server_(served, workers_),
        timekeeper_(options.timetable, grid, served.service, options.clocks),
        headers_(kj::HttpHeaderTable::Builder().build()),
        health_(*headers_,
                [this, &grid] { return workers_.run([&grid] { return trouble_of(grid); }); }),
        http_(io.provider->getTimer(), *headers_, health_) {}

  tl::expected<NodeFile, Error> listen() {
    auto fd = listen_at(options_.socket);
    if (!fd) return tl::unexpected(fd.error());
    socket_ = io_.lowLevelProvider->wrapListenSocketFd(
        *fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                 kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK |
                 kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
    NodeFile file{getpid(), options_.socket.string(), {}};
    if (options_.http.empty()) return file;
    KJ_IF_MAYBE (thrown, kj::runCatchingExceptions([&] {
                   http_socket_ = io_.provider->getNetwork()
                                      .parseAddress(options_.http.c_str())
                                      .wait(io_.waitScope)
                                      ->listen();
                 }))
      return io_error("[node] http = " + options_.http, thrown->getDescription().cStr());
    const auto host = options_.http.substr(0, options_.http.rfind(':'));
    file.http = fmt::format("{}:{}", host, http_socket_->getPort());
    return file;
  }

  /// Until the promise is dropped.
  kj::Promise<void> run() {
    auto all = server_.listen(*socket_).exclusiveJoin(
        timekeeper_.keep_time(io_.provider->getTimer(), workers_));
    if (http_socket_.get() != nullptr) all = all.exclusiveJoin(http_.listenHttp(*http_socket_));
    return all;
  }
  /// Once `run` is dropped: nothing that anybody has asked for is under way afterwards.
  void end() { server_.end().wait(io_.waitScope); }

 private:
  kj::AsyncIoContext& io_;
  const NodeOptions& options_;
  Workers workers_;
  GridServer server_;
  Timekeeper timekeeper_;
  kj::Own<kj::HttpHeaderTable> headers_;
  HealthService health_;
  kj::HttpServer http_;
  kj::Own<kj::ConnectionReceiver> socket_, http_socket_;
};

}  // namespace

void hold_signals() {
  for (const int signal : {SIGTERM, SIGINT}) kj::UnixEventPort::captureSignal(signal);
}

tl::expected<void, Error> serve(actors::Grid& grid, const ServedGrid& served,
                                const NodeOptions& options) {
  auto io = kj::setupAsyncIo();
  Serving serving(io, grid, served, options);
  const auto listening = serving.listen();
  if (!listening) return tl::unexpected(listening.error());
  options.ready(*listening);
  sd_notify(0, "READY=1");
  auto ended = io.unixEventPort.onSignal(SIGTERM)
                   .exclusiveJoin(io.unixEventPort.onSignal(SIGINT))
                   .then([](siginfo_t&& signal) { return signal.si_signo; });
  tl::expected<void, Error> result;
  KJ_IF_MAYBE (thrown, kj::runCatchingExceptions([&] {
                 const int signal =
                     ended.exclusiveJoin(serving.run().then([] { return 0; })).wait(io.waitScope);
                 spdlog::info("the node ends: {}", strsignal(signal));
               }))
    result = io_error("the node", thrown->getDescription().cStr());
  sd_notify(0, "STOPPING=1");
  grid.stop_waiting();
  serving.end();
  unlink(options.socket.c_str());
  return result;
}

}  // namespace hhgrid::net
