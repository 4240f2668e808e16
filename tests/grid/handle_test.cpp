#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <nlohmann/json.hpp>

#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

using actors::inspect_atom;
using nlohmann::json;
using testing::HasSubstr;

constexpr auto patience = std::chrono::seconds(20);

/// Hosted actors are reached by ordinary actor handles.
class Handle : public testing::Test {
 protected:
  Handle() {
    grid_.feed(batches(world_.in_time(), {}));
    grid_.settle(world_.day());
  }
  caf::actor handle(const std::string& address) {
    auto actor = grid_->actor(address);
    if (!actor) throw std::runtime_error(actor.error().text);
    return *actor;
  }
  std::string meter() const {
    return "meter/" + std::to_string(world_.population().traits(0).mpan.number());
  }

  /// The answer, or the error as CAF renders it.
  template <class... Content>
  std::string ask(const caf::actor& actor, const Content&... content) {
    std::string answer;
    caf::scoped_actor self(grid_.system());
    self->request(actor, patience, content...)
        .receive([&](std::string& text) { answer = std::move(text); },
                 [&](const caf::error& e) {
                   answer = "error: " + grid_.system().render(e), error_ = e;
                 });
    return answer;
  }

  const World world_{{.meters = 40, .days = 3}};
  const storage::test::FastDirectory directory_;
  OpenGrid grid_{small_grid(directory_.path() / "grid")};
  caf::error error_;
};

TEST_F(Handle, AMeterDescribesItself) {
  const auto description = json::parse(ask(handle(meter()), inspect_atom::value));
  EXPECT_THAT(description.dump(),
              HasSubstr(std::to_string(world_.population().traits(0).mpan.number())));
}

TEST_F(Handle, AMeterDescribesADay) {
  const auto day = world_.population().options().first_day.value;
  const auto one = ask(handle(meter()), inspect_atom::value, day);
  const auto other = ask(handle(meter()), inspect_atom::value, day + 1);
  EXPECT_TRUE(json::accept(one)) << one;
  EXPECT_NE(one, other);
}

TEST_F(Handle, ABmUnitAGroupAndALoadShapeDescribeThemselves) {
  const auto group = world_.population().group(0);
  const auto bmu = net::Population::bmu(0, group, false);
  for (const std::string& address : {"bmu/" + bmu.to_string(), "gsp/" + group.to_string(),
                                     "shape/" + group.to_string() + ".W.S.T.AI"}) {
    const auto answer = ask(handle(address), inspect_atom::value);
    EXPECT_TRUE(json::accept(answer)) << address << ": " << answer;
  }
}

TEST_F(Handle, AHandleSaysTheSameAsTheGrid) {
  EXPECT_EQ(ask(handle(meter()), inspect_atom::value),
            grid_->inspect(meter(), std::nullopt).value());
}

TEST_F(Handle, AnAddressThatIsNoneIsRefusedWithTheReason) {
  for (const std::string address :
       {"", "meter", "meter/", "meter/123", "meter/10123456789012345", "bmu/", "gsp/XX", "shape/_C",
        "tariff/1", "meter/101234567890x"}) {
    const auto actor = grid_->actor(address);
    ASSERT_FALSE(actor) << address;
    EXPECT_THAT(actor.error().text, HasSubstr("`" + address + "`"));
    EXPECT_FALSE(grid_->inspect(address, std::nullopt)) << address;
  }
}

TEST_F(Handle, AnActorThatHasNoStateAnswersWithAnError) {
  const auto unknown = core::Mpan::from_body(109'999'999'999);
  for (const auto& [address, name] :
       {std::pair("meter/" + unknown.to_string(), "meter " + unknown.to_string()),
        std::pair<std::string, std::string>("bmu/2__ZNOBODY9", "BM unit 2__ZNOBODY9"),
        std::pair<std::string, std::string>("gsp/_P", "GSP Group _P")}) {
    EXPECT_THAT(ask(handle(address), inspect_atom::value),
                HasSubstr(name + " has no state in this grid"));
    const auto answer = grid_->inspect(address, std::nullopt);
    ASSERT_FALSE(answer) << address;
    EXPECT_EQ(answer.error().code, storage::Errc::unknown) << answer.error().text;
  }
}

TEST_F(Handle, AMessageThatNobodyUnderstandsIsRefusedAndHarmsNothing) {
  const auto actor = handle(meter());
  EXPECT_THAT(ask(actor, std::string("what do you think?")), HasSubstr("error: "));
  EXPECT_EQ(error_, caf::sec::unexpected_message);
  EXPECT_THAT(ask(actor, inspect_atom::value, std::string("tomorrow")), HasSubstr("error: "));
  EXPECT_EQ(error_, caf::sec::unexpected_message);
  caf::anon_send(actor, std::int32_t{7});  // no answer is asked for
  EXPECT_TRUE(json::accept(ask(actor, inspect_atom::value)));
}

TEST_F(Handle, ManyAskersGetTheirOwnAnswers) {
  std::vector<std::thread> askers;
  std::atomic<int> right{0};
  for (std::uint32_t i = 0; i < 4; ++i)
    askers.emplace_back([&, i] {
      const auto mpan = std::to_string(world_.population().traits(i).mpan.number());
      const auto actor = grid_->actor("meter/" + mpan).value();
      caf::scoped_actor self(grid_.system());
      for (int n = 0; n < 20; ++n)
        self->request(actor, patience, inspect_atom::value)
            .receive(
                [&](const std::string& text) { right += text.find(mpan) != std::string::npos; },
                [](const caf::error&) {});
    });
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(right, 80);
}

TEST_F(Handle, AHandleThatOutlivesItsGridAnswersWithAnErrorAtOnce) {
  const auto actor = handle(meter());
  grid_.close();
  EXPECT_THAT(ask(actor, inspect_atom::value), HasSubstr("error: "));
  EXPECT_NE(error_, caf::sec::request_timeout);
}

/// Every thread that gives turns is held by a partition.
TEST(BusyGrid, AQuestionWaitsForNoPartition) {
  constexpr int workers = 2;  // of an OpenGrid
  const World world{{.meters = 40, .days = 3}};
  const storage::test::FastDirectory directory;
  std::promise<void> go_on;
  std::atomic<bool> hold{false};
  std::atomic<int> held{0};
  auto options = small_grid(directory.path() / "grid");
  options.before_turn = [&, may_go_on = go_on.get_future().share()](core::Mpan) {
    if (!hold) return;
    ++held;
    may_go_on.wait();
  };
  OpenGrid grid(options);
  grid.feed(batches(world.in_time(), {}));
  hold = true;
  for (const auto& [partition, block] : batches(world.in_time(), {}))
    ASSERT_TRUE(grid->append(partition, block));
  while (held < workers) std::this_thread::yield();
  const auto answer =
      grid->inspect("meter/" + world.population().traits(0).mpan.to_string(), std::nullopt);
  go_on.set_value();
  EXPECT_TRUE(answer) << answer.error().text;
  EXPECT_TRUE(grid->drain());
}

}  // namespace
}  // namespace hhgrid::tests
