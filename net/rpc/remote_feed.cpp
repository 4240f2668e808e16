#include "net/rpc/remote_feed.hpp"

#include <cstring>

#include <fmt/format.h>

#include "net/rpc/answer_codec.hpp"
#include "net/rpc/message_codec.hpp"

namespace hhgrid::net {

using storage::Errc;
using storage::Error;

namespace {

/// Large enough that a block is worth its answer, small enough that the node works on several.
constexpr std::size_t block_bytes_max = std::size_t{2} << 20;
/// A message is larger than its entry, whose values are packed: at most this many times.
constexpr std::size_t message_growth = 3;
constexpr std::size_t under_way_max = rpc::CREDIT_BYTES / message_growth;

/// What of an answer is a failure; a block of well-formed entries has no rejected messages.
std::optional<Error> failure_in(rpc::Feed::SendResults::Reader answer) {
  if (answer.hasFailure()) return read_failure(answer.getFailure());
  const auto rejected = answer.getRejected();
  if (rejected.size() == 0) return std::nullopt;
  return Error{Errc::mismatch,
               fmt::format("the node takes {} entries otherwise than this program, first: {}",
                           rejected.size(), read_text(rejected[0].getText()))};
}

}  // namespace

/// Made and destroyed on the connection's loop.
struct RemoteFeed::Remote final : private kj::TaskSet::ErrorHandler {
  explicit Remote(rpc::Feed::Client client) : feed(kj::mv(client)), answers(*this) {}
  void taskFailed(kj::Exception&&) override {}  // each task has told what failed
  rpc::Feed::Client feed;
  kj::TaskSet answers;
};

RemoteFeed::RemoteFeed(std::shared_ptr<RpcConnection> connection, storage::Topology topology,
                       std::uint32_t entries_max)
    : connection_(std::move(connection)),
      topology_(topology),
      entries_max_(entries_max),
      sink_(*this) {}

tl::expected<std::unique_ptr<RemoteFeed>, Error> RemoteFeed::open(
    std::shared_ptr<RpcConnection> connection, storage::Topology topology,
    const FeedOptions& options) {
  std::unique_ptr<RemoteFeed> made(new RemoteFeed(
      connection, topology,
      std::min(options.block_entries_max.value_or(rpc::ENTRIES_MAX), rpc::ENTRIES_MAX)));
  std::optional<Error> failure;
  const auto asked = connection->call([&] {
    auto request = connection->operations().feedRequest();
    auto out = request.initOptions();
    out.setParticipant(text_of(options.participant.to_string()));
    write_instant(options.received_at, out.initReceivedAt());
    return request.send().then([&](capnp::Response<rpc::Operator::FeedResults>&& answer) {
      if (answer.hasFailure())
        failure = read_failure(answer.getFailure());
      else
        made->remote_ = std::make_unique<Remote>(answer.getFeed());
    });
  });
  if (!asked) return tl::unexpected(asked.error());
  if (failure) return tl::unexpected(*failure);
  return made;
}

RemoteFeed::~RemoteFeed() {
  static_cast<void>(connection_->call([this] { remote_.reset(); }));
}

tl::expected<void, Error> RemoteFeed::Sink::add(storage::PartitionId, storage::EntryWords entry) {
  auto& words = feed_.block_.words;
  const std::size_t at = words.size();
  words.resize(at + entry.size());
  std::memcpy(words.data() + at, entry.begin(), entry.asBytes().size());
  feed_.block_.sizes.push_back(static_cast<std::uint32_t>(entry.size()));
  const bool full = feed_.block_.sizes.size() >= feed_.entries_max_ ||
                    words.size() * sizeof(std::uint64_t) >= block_bytes_max;
  return full ? feed_.send() : tl::expected<void, Error>();
}

tl::expected<void, Error> RemoteFeed::Sink::begin_source(const std::string& source) {
  auto sent = feed_.send();
  feed_.source_ = source;
  return sent;
}

tl::expected<void, Error> RemoteFeed::wait_below(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || under_way_ < bytes; });
  if (failure_) return tl::unexpected(*failure_);
  return {};
}

void RemoteFeed::answered(std::size_t bytes, std::optional<Error> failure) {
  const std::lock_guard lock(mutex_);
  under_way_ -= bytes;
  if (failure && !failure_) failure_ = std::move(failure);
  changed_.notify_all();
}

tl::expected<void, Error> RemoteFeed::send() {
  if (block_.sizes.empty()) return {};
  if (auto room = wait_below(under_way_max); !room) return room;
  const Block block = std::exchange(block_, {});
  const std::size_t bytes = block.words.size() * sizeof(std::uint64_t);
  entries_ += block.sizes.size();
  {
    const std::lock_guard lock(mutex_);
    under_way_ += bytes;
  }
  ++number_;
  auto sent = connection_->call([&] {
    auto request = remote_->feed.sendRequest(
        capnp::MessageSize{bytes / sizeof(capnp::word) * message_growth, 0});
    request.setNumber(number_);
    request.setSource(text_of(source_));
    auto messages = request.initMessages(static_cast<unsigned>(block.sizes.size()));
    const auto* next = reinterpret_cast<const capnp::word*>(block.words.data());
    for (unsigned i = 0; i < messages.size(); ++i) {
      const auto written = write_message({next, block.sizes[i]}, messages[i]);
      if (!written) kj::throwFatalException(KJ_EXCEPTION(FAILED, written.error().text.c_str()));
      next += block.sizes[i];
    }
    remote_->answers.add(request.send().then(
        [this, bytes](capnp::Response<rpc::Feed::SendResults>&& answer) {
          answered(bytes, failure_in(answer));
        },
        [this, bytes](kj::Exception&& thrown) { answered(bytes, connection_->broken(thrown)); }));
  });
  if (!sent) answered(bytes, sent.error());  // it never was under way
  return sent;
}

tl::expected<void, Error> RemoteFeed::finish() {
  if (auto sent = send(); !sent) return sent;
  if (auto all = wait_below(1); !all) return all;
  std::optional<Error> failure;
  auto finished = connection_->call([&] {
    return remote_->feed.finishRequest().send().then(
        [&](capnp::Response<rpc::Feed::FinishResults>&& answer) {
          if (answer.hasFailure()) failure = read_failure(answer.getFailure());
        });
  });
  if (!finished) return finished;
  if (failure) return tl::unexpected(*failure);
  return {};
}

}  // namespace hhgrid::net
