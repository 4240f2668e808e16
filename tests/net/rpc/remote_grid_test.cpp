#include "net/rpc/remote_grid.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"
#include "tests/net/rpc/rpc_node.hpp"

namespace hhgrid::net {
namespace {

using storage::Errc;

constexpr core::SettlementDay day{20'456};  // 2026-01-03

void simulate_into(GridService& grid) {
  auto feed = grid.feed({});
  ASSERT_TRUE(feed) << feed.error().text;
  SimulationOptions options;
  options.population.meters = 300;
  options.population.days = 5;
  const auto output = session_output((*feed)->sink());
  const auto simulated = simulate(options, *output);
  ASSERT_TRUE(simulated) << simulated.error().text;
  const auto stored = (*feed)->finish();
  ASSERT_TRUE(stored) << stored.error().text;
  EXPECT_GT((*feed)->entries(), 0u);
}

std::string table(GridRecords& grid, const TableRequest& request) {
  std::string text;
  const auto written = grid.write_table(request, [&](std::string_view bytes) {
    text += bytes;
    return true;
  });
  EXPECT_TRUE(written && *written);
  return text;
}

TEST(RemoteGrid, AnswersAsTheGridItself) {
  RpcNode node;
  auto remote = RemoteGrid::connect(node.address());
  ASSERT_TRUE(remote) << remote.error().text;
  GridService& grid = **remote;
  EXPECT_EQ(grid.topology(), node.grid().topology());
  simulate_into(grid);
  ASSERT_TRUE(grid.drain());
  const auto status = grid.status().value();
  ASSERT_EQ(status.size(), node.grid().topology().count());
  EXPECT_EQ(status[0].name, "meters/0");
  EXPECT_GT(status[0].meters, 0u);

  EXPECT_FALSE(grid.find_run("latest").value());
  const auto outcome =
      grid.run(day, core::SettlementCode::ii, std::nullopt, std::chrono::seconds(60)).value();
  EXPECT_EQ(outcome.status, "published") << outcome.reason;
  const auto run = grid.find_run("latest").value();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->id(), outcome.run_id);
  EXPECT_EQ(grid.runs().value().size(), 1u);
  EXPECT_EQ(grid.runs_of_day(day).value().size(), 1u);
  EXPECT_EQ(grid.runs_of_day(day + 1).value().size(), 0u);

  const auto summary = grid.summarise(run->number).value();
  const auto own = node.service().summarise(run->number).value();
  ASSERT_EQ(summary.groups.size(), own.groups.size());
  EXPECT_EQ(summary.groups[0].group_take_wh, own.groups[0].group_take_wh);
  EXPECT_EQ(summary.groups[0].gcf_export_max, own.groups[0].gcf_export_max);
  EXPECT_EQ(summary.exceptions, own.exceptions);

  TableRequest request;
  request.kind = "bmu-volumes";
  request.runs = {run->number};
  EXPECT_EQ(table(grid, request), table(node.service(), request));
  request = {"consumption", {}, day.value, true, core::Instant{1'900'000'000'000}};
  request.format = TableFormat::jsonl;
  const auto text = table(grid, request);
  EXPECT_GT(text.size(), 100'000u) << "too small to travel in parts";
  EXPECT_EQ(text, table(node.service(), request));

  EXPECT_EQ(grid.inspect("gsp/_A", day.value).value(),
            node.service().inspect("gsp/_A", day.value).value());
  EXPECT_TRUE(grid.audit(run->number).value().equal());
  EXPECT_TRUE(grid.check().value().sound());
  EXPECT_TRUE(grid.dead_letters().value().empty());
  const auto closed = grid.close_day({day.value}).value();
  EXPECT_FALSE(closed.was_closed);
  EXPECT_TRUE(grid.close_day({day.value}).value().was_closed);
}

TEST(RemoteGrid, TellsWhatTheGridRefuses) {
  RpcNode node;
  auto remote = RemoteGrid::connect(node.address()).value();
  EXPECT_EQ(remote->inspect("nothing", std::nullopt).error().code, Errc::unknown);
  EXPECT_EQ(remote->summarise(7).error().code, Errc::unknown);
  EXPECT_EQ(remote->close_day({40'000}).error().code, Errc::unknown);  // 2079
  EXPECT_EQ(remote->release(7).error().code, Errc::unknown);
  TableRequest request;
  request.kind = "nothing";
  EXPECT_EQ(remote->write_table(request, [](auto) { return true; }).error().code, Errc::unknown);
  EXPECT_TRUE(remote->take(core::ParticipantId::parse("ABCD").value(), 10).value().empty());
}

TEST(RemoteGrid, WhoTakesNoMoreOfATableEndsIt) {
  RpcNode node;
  auto remote = RemoteGrid::connect(node.address()).value();
  simulate_into(*remote);
  ASSERT_TRUE(remote->drain());
  TableRequest request;
  request.kind = "consumption";
  int parts = 0;
  const auto written = remote->write_table(request, [&](std::string_view) { return ++parts < 2; });
  ASSERT_TRUE(written) << written.error().text;
  EXPECT_FALSE(*written);
  EXPECT_EQ(parts, 2);
  EXPECT_TRUE(remote->status()) << "the connection serves on";
}

TEST(RemoteGrid, ANodeThatEndsWhileATableIsTakenWaitsForNobody) {
  RpcNode node;
  auto remote = RemoteGrid::connect(node.address()).value();
  simulate_into(*remote);
  ASSERT_TRUE(remote->drain());
  TableRequest request;
  request.kind = "consumption";
  std::promise<void> began, ended;
  std::thread ending([&] {
    began.get_future().wait();
    node.stop();
    ended.set_value();
  });
  int parts = 0;
  const auto written = remote->write_table(request, [&](std::string_view) {
    if (++parts == 1) {
      began.set_value();
      ended.get_future().wait();  // the client is slow: the node waits for room
    }
    return true;
  });
  ending.join();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::unanswered);
}

TEST(RemoteGrid, WhatAnswersAtTheAddressAndIsNoNodeIsSaid) {
  const tests::FastDirectory directory;
  const auto path = (directory.path() / "foreign.sock").string();
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  std::thread foreign([fd] { close(accept(fd, nullptr, nullptr)); });
  EXPECT_EQ(RemoteGrid::connect("unix:" + path).error().code, Errc::unanswered);
  foreign.join();
  close(fd);
}

TEST(RemoteGrid, ANodeThatIsNotThereOrGoesAwayIsSaid) {
  EXPECT_EQ(RemoteGrid::connect("unix:/nowhere/node.sock").error().code, Errc::unanswered);
  RpcNode node;
  auto remote = RemoteGrid::connect(node.address()).value();
  ASSERT_TRUE(remote->status());
  node.stop();
  EXPECT_EQ(remote->status().error().code, Errc::unanswered);
}

}  // namespace
}  // namespace hhgrid::net
