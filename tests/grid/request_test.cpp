#include <gmock/gmock.h>
#include <caf/scoped_actor.hpp>

#include "actors/host/protocol.hpp"
#include "actors/meter/versions.hpp"
#include "tests/grid/open_grid.hpp"
#include "tests/storage/store/store_files.hpp"

namespace hhgrid::tests {
namespace {

using actors::Reply;
using testing::HasSubstr;

constexpr auto reply_patience = std::chrono::seconds(20);

/// Handles take what the journal brings, and answer.
class Request : public testing::Test {
 protected:
  Request() { grid_.feed(batches(world_.in_time(), {})); }

  /// A reading of a meter of the world, by one value for all half hours.
  storage::ConsumptionDay reading(core::WattHours energy_wh, std::uint32_t meter = 0) const {
    storage::ConsumptionDay day(mpan(meter));
    day.day = {world_.day().value};
    day.present = core::all_periods_mask;
    day.energy_wh.fill(energy_wh);
    return day;
  }
  core::Mpan mpan(std::uint32_t meter = 0) const { return world_.population().traits(meter).mpan; }

  template <class Handle, class Message>
  Reply ask(const Handle& handle, const Message& message) {
    Reply reply;
    error_.clear();
    caf::scoped_actor self(grid_.system());
    self->request(handle, reply_patience, message)
        .receive([&](const Reply& r) { reply = r; },
                 [&](const caf::error& e) { error_ = grid_.system().render(e); });
    return reply;
  }

  const World world_{{.meters = 40, .days = 3}};
  const storage::test::FastDirectory directory_;
  OpenGrid grid_{small_grid(directory_.path() / "grid")};
  std::string error_;
};

TEST_F(Request, AReadingIsAcceptedAtItsPositionAndUnchangedTheNextTime) {
  const auto meter = grid_->meter(mpan());
  const Reply first = ask(meter, reading(321));
  EXPECT_EQ(error_, "");
  EXPECT_EQ(first.kind, Reply::Kind::accepted);
  EXPECT_FALSE(first.position.is_none());
  const Reply second = ask(meter, reading(321));
  EXPECT_EQ(second.kind, Reply::Kind::unchanged);
  EXPECT_GT(second.position, first.position);
  EXPECT_EQ(grid_.check(), "");
}

TEST_F(Request, AReadingAboveTheMaximumIsRefusedWithTheMarketsCode) {
  const Reply reply = ask(grid_->meter(mpan()), reading(storage::reading_energy_max));
  EXPECT_EQ(reply.kind, Reply::Kind::refused);
  EXPECT_EQ(reply.code, "ECS1012");
  EXPECT_THAT(reply.sentence, HasSubstr("48 half hours"));
}

TEST_F(Request, AReadingAboveTheMaximumOfARegisterThatWasTakenIsRefused) {
  const auto meter = grid_->meter(mpan());
  const storage::MeterRegister fitted{.mpan = mpan(),
                                      .meter_id = core::MeterSerialId::parse("M1").value(),
                                      .register_id = {},
                                      .installed_at = {world_.day().value * core::ms_per_utc_day},
                                      .maximum_wh = 300};
  EXPECT_EQ(ask(meter, fitted).kind, Reply::Kind::accepted);
  EXPECT_EQ(ask(meter, fitted).kind, Reply::Kind::unchanged);
  EXPECT_EQ(ask(meter, reading(301)).code, "ECS1012");
  EXPECT_EQ(ask(meter, reading(300)).kind, Reply::Kind::accepted);
  EXPECT_EQ(grid_.check(), "");
}

TEST_F(Request, OfTwoRequestsTheLaterOneCountsAndNothingIsContradicted) {
  const auto meter = grid_->meter(mpan());
  ask(meter, reading(100));
  EXPECT_EQ(ask(meter, reading(200)).kind, Reply::Kind::accepted);
  const auto counting =
      actors::read_counting_day(grid_->store(grid_->topology().of(mpan())), {world_.day().value},
                                mpan(), core::MeasurementQuantity::active_import);
  EXPECT_EQ(counting->energy_wh[7], 200);
}

TEST_F(Request, OfARepeatAndWhatThenSaysOtherwiseTheLaterOneCounts) {
  const auto meter = grid_->meter(mpan());
  ask(meter, reading(100));
  EXPECT_EQ(ask(meter, reading(100)).kind, Reply::Kind::unchanged);
  EXPECT_EQ(ask(meter, reading(200)).kind, Reply::Kind::accepted) << "each is its own delivery";
  EXPECT_EQ(ask(meter, reading(200)).kind, Reply::Kind::unchanged);
  EXPECT_EQ(ask(meter, reading(100)).kind, Reply::Kind::accepted);
  const auto counting =
      actors::read_counting_day(grid_->store(grid_->topology().of(mpan())), {world_.day().value},
                                mpan(), core::MeasurementQuantity::active_import);
  EXPECT_EQ(counting->energy_wh[7], 100);
  EXPECT_EQ(grid_.check(), "");
}

TEST_F(Request, ATurnThatFailsIsAnsweredWithItsReason) {
  auto day = reading(5);
  day.day = {2'000'000};
  const Reply reply = ask(grid_->meter(mpan()), day);
  EXPECT_EQ(reply.kind, Reply::Kind::failed);
  EXPECT_THAT(reply.sentence, HasSubstr("2000000"));
  EXPECT_EQ(grid_->dead_letters()->size(), 1u);
}

TEST_F(Request, AMessageOfAnotherMeterIsRefusedByTheHandle) {
  ask(grid_->meter(mpan(0)), reading(5, 1));
  EXPECT_THAT(error_, HasSubstr("the message is of " + mpan(1).to_string()));
}

TEST_F(Request, AMessageThatDoesNotHoldIsRefusedByTheHandle) {
  auto day = reading(5);
  day.present = 0;
  ask(grid_->meter(mpan()), day);
  EXPECT_THAT(error_, HasSubstr("does not hold"));
}

TEST_F(Request, AGroupTakeGoesToItsGroup) {
  storage::GroupTake take{world_.population().group(0), world_.day(), {}};
  take.take.energy_wh[3] = 77;
  take.take.present.set(3);
  const auto group = grid_->gsp_group(take.gsp_group);
  EXPECT_EQ(ask(group, take).kind, Reply::Kind::accepted);
  EXPECT_EQ(ask(group, take).kind, Reply::Kind::unchanged);
}

TEST_F(Request, ManyRequestsAtOnceGetTheirOwnReplies) {
  caf::scoped_actor self(grid_.system());
  int accepted = 0;
  constexpr std::uint32_t meters = 40;
  using Handle = decltype(self->request(grid_->meter(mpan()), reply_patience, reading(1)));
  std::vector<Handle> pending;
  for (std::uint32_t round = 0; round < 25; ++round)
    for (std::uint32_t m = 0; m < meters; ++m)
      pending.push_back(self->request(grid_->meter(mpan(m)), reply_patience,
                                      reading(1000 + round * meters + m, m)));
  for (auto& one : pending)
    one.receive([&](const Reply& r) { accepted += r.kind == Reply::Kind::accepted; },
                [&](const caf::error& e) { ADD_FAILURE() << grid_.system().render(e); });
  EXPECT_EQ(accepted, static_cast<int>(25 * meters));
  for (std::uint32_t m = 0; m < meters; ++m) {
    const auto counting =
        actors::read_counting_day(grid_->store(grid_->topology().of(mpan(m))), {world_.day().value},
                                  mpan(m), core::MeasurementQuantity::active_import);
    EXPECT_EQ(counting->energy_wh[0], 1000 + 24 * static_cast<int>(meters) + static_cast<int>(m));
  }
  EXPECT_EQ(grid_.check(), "");
}

TEST_F(Request, AHandleSaysHowItsPartitionStands) {
  caf::scoped_actor self(grid_.system());
  self->request(grid_->meter(mpan()), reply_patience, actors::status_atom::value)
      .receive(
          [&](const actors::PartitionStatus& status) {
            EXPECT_EQ(status.id, grid_->topology().of(mpan()));
          },
          [&](const caf::error& e) { ADD_FAILURE() << grid_.system().render(e); });
}

}  // namespace
}  // namespace hhgrid::tests
