#include "net/rpc/feed_server.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "net/rpc/answer_codec.hpp"
#include "net/rpc/rpc_connection.hpp"
#include "tests/net/rpc/rpc_node.hpp"

namespace hhgrid::net {
namespace {

using storage::Errc;

constexpr storage::SenderId sender{0x1234, 0x5678};

/// A client that speaks the schema itself, as one in another language would.
class Client {
 public:
  explicit Client(RpcNode& node) : connection_(RpcConnection::open(node.address()).value()) {}
  ~Client() {
    static_cast<void>(connection_->call([this] { feed_ = nullptr; }));
  }

  void open(std::optional<storage::SenderId> as) {
    const auto done = connection_->call([&] {
      auto request = connection_->operations().feedRequest();
      auto options = request.initOptions();
      if (as) {
        auto id = options.initSender();
        id.setHigh(as->high);
        id.setLow(as->low);
      }
      return request.send().then([this](capnp::Response<rpc::Operator::FeedResults>&& answer) {
        ASSERT_FALSE(answer.hasFailure()) << read_failure(answer.getFailure()).text;
        feed_ = answer.getFeed();
      });
    });
    ASSERT_TRUE(done) << done.error().text;
  }

  struct Answer {
    std::optional<storage::Error> failure;
    std::vector<std::pair<std::uint32_t, std::string>> rejected;
  };
  /// One meter-day for each of the body numbers; 0 makes one that is not well formed.
  Answer send(std::uint64_t number, const std::vector<std::uint64_t>& bodies,
              std::uint32_t energy_wh = 250) {
    Answer result;
    const auto done = connection_->call([&] {
      auto request = KJ_REQUIRE_NONNULL(feed_).sendRequest();
      request.setNumber(number);
      request.setSource("test");
      auto messages = request.initMessages(static_cast<unsigned>(bodies.size()));
      for (unsigned i = 0; i < messages.size(); ++i) {
        auto day = messages[i].initConsumption();
        day.setMpan(bodies[i] == 0 ? 7
                                   : core::Mpan::from_body(100'000'000'000 + bodies[i]).number());
        day.setUtcDay(15789);
        day.setPresent(1);
        day.initEnergyWh(1).set(0, energy_wh);
      }
      return request.send().then([&](capnp::Response<rpc::Feed::SendResults>&& answer) {
        if (answer.hasFailure()) result.failure = read_failure(answer.getFailure());
        for (const auto rejected : answer.getRejected())
          result.rejected.emplace_back(rejected.getIndex(), read_text(rejected.getText()));
      });
    });
    if (!done) result.failure = done.error();
    return result;
  }
  void finish() {
    const auto done = connection_->call([&] {
      return KJ_REQUIRE_NONNULL(feed_).finishRequest().send().then(
          [](capnp::Response<rpc::Feed::FinishResults>&& answer) {
            EXPECT_FALSE(answer.hasFailure());
          });
    });
    EXPECT_TRUE(done);
  }

 private:
  std::shared_ptr<RpcConnection> connection_;
  kj::Maybe<rpc::Feed::Client> feed_;
};

/// Entries that the partitions have taken, repeats of the same values too.
std::uint64_t taken(RpcNode& node) {
  EXPECT_TRUE(node.grid().drain());
  std::uint64_t count = 0;
  for (const auto& partition : node.grid().status())
    count += partition.accepted + partition.unchanged;
  return count;
}

TEST(FeedServer, ABlockIsTakenOnceHoweverOftenItIsSent) {
  RpcNode node;
  Client client(node);
  client.open(sender);
  EXPECT_FALSE(client.send(1, {1, 2, 3, 4, 5, 6}).failure);
  const auto first = taken(node);
  EXPECT_FALSE(client.send(1, {1, 2, 3, 4, 5, 6}).failure);
  EXPECT_EQ(taken(node), first);
  EXPECT_FALSE(client.send(2, {7}).failure);
  EXPECT_EQ(taken(node), first + 1);
}

TEST(FeedServer, AnotherConnectionGoesOnWhereTheSenderWas) {
  RpcNode node;
  {
    Client client(node);
    client.open(sender);
    EXPECT_FALSE(client.send(1, {1, 2, 3, 4, 5, 6}).failure);
    EXPECT_FALSE(client.send(2, {7}).failure);  // in one partition only
  }
  const auto before = taken(node);
  Client client(node);
  client.open(sender);
  // It has no answer to 2, and sends it again; then it goes on.
  EXPECT_FALSE(client.send(2, {7}).failure);
  EXPECT_EQ(taken(node), before);
  EXPECT_FALSE(client.send(3, {8, 9}).failure);
  EXPECT_GT(taken(node), before);
  for (const auto& partition : node.grid().status()) {
    EXPECT_EQ(partition.early_blocks, 0u) << partition.name;
    EXPECT_EQ(partition.repeated_blocks, 0u) << partition.name;
  }
}

TEST(FeedServer, ANumberThatIsNotTheNextIsRefused) {
  RpcNode node;
  Client client(node);
  client.open(sender);
  EXPECT_EQ(client.send(0, {1}).failure->code, Errc::mismatch);
  EXPECT_FALSE(client.send(1, {1}).failure);
  const auto gap = client.send(3, {3}).failure;
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->code, Errc::mismatch);
  EXPECT_NE(gap->text.find("expected 2"), std::string::npos) << gap->text;
  EXPECT_FALSE(client.send(2, {2}).failure);
}

TEST(FeedServer, AMessageThatIsNotWellFormedIsNamedAndTheOthersAreTaken) {
  RpcNode node;
  Client client(node);
  client.open(std::nullopt);
  const auto answer = client.send(1, {1, 0, 2});
  EXPECT_FALSE(answer.failure);
  ASSERT_EQ(answer.rejected.size(), 1u);
  EXPECT_EQ(answer.rejected[0].first, 1u);
  EXPECT_NE(answer.rejected[0].second.find("mpan"), std::string::npos) << answer.rejected[0].second;
  EXPECT_FALSE(client.send(2, {0}).failure);  // a block of nothing good leaves no hole
  EXPECT_FALSE(client.send(3, {3}).failure);
  std::uint64_t readings = 0;
  EXPECT_TRUE(node.grid().drain());
  for (const auto& partition : node.grid().status()) readings += partition.unregistered;
  EXPECT_EQ(readings, 3u);
}

TEST(FeedServer, AfterAFailureNothingMoreIsAppendedUntilTheSenderComesAnew) {
  RpcNode node;
  Client client(node);
  client.open(sender);
  EXPECT_FALSE(client.send(1, {1, 2, 3, 4}).failure);
  node.refuse_appends(true);
  EXPECT_EQ(client.send(2, {1, 2, 3, 4}, 300).failure->code, Errc::no_space);
  node.refuse_appends(false);
  EXPECT_EQ(client.send(3, {1, 2, 3, 4}, 400).failure->code, Errc::no_space) << "3 before 2";
  Client again(node);
  again.open(sender);
  EXPECT_FALSE(again.send(2, {1, 2, 3, 4}, 300).failure);
  EXPECT_FALSE(again.send(3, {1, 2, 3, 4}, 400).failure);
  EXPECT_TRUE(node.grid().drain());
  for (const auto& partition : node.grid().status()) EXPECT_EQ(partition.early_blocks, 0u);
}

TEST(FeedServer, ASenderThatIsFinishedIsForgotten) {
  RpcNode node;
  Client client(node);
  client.open(sender);
  EXPECT_FALSE(client.send(1, {1, 2, 3, 4, 5, 6}).failure);
  EXPECT_TRUE(node.grid().drain());
  const auto mark_sum = [&] {
    std::uint64_t sum = 0;
    for (const auto id : node.grid().topology().all_meters())
      sum += node.grid().mark_of(id, sender).value().number;
    return sum;
  };
  EXPECT_GT(mark_sum(), 0u);
  client.finish();
  EXPECT_TRUE(node.grid().drain());
  EXPECT_EQ(mark_sum(), 0u);
  EXPECT_EQ(client.send(2, {1}).failure->code, Errc::closed);
}

TEST(FeedServer, TheSenderOfAPartitionIsNobodys) {
  RpcNode node;
  auto connection = RpcConnection::open(node.address()).value();
  std::optional<storage::Error> failure;
  const auto done = connection->call([&] {
    auto request = connection->operations().feedRequest();
    request.initOptions().initSender().setLow(3);
    return request.send().then([&](capnp::Response<rpc::Operator::FeedResults>&& answer) {
      if (answer.hasFailure()) failure = read_failure(answer.getFailure());
    });
  });
  ASSERT_TRUE(done);
  EXPECT_TRUE(failure);
}

}  // namespace
}  // namespace hhgrid::net
