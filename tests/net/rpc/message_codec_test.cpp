#include "net/rpc/message_codec.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {
namespace {

using storage::EntryWords;

constexpr std::uint64_t mpan_digits = 1012345678903;
const storage::Topology topology(5);

/// Sends every entry as a message and holds what comes of it against the entry.
class RoundTrip : public IngestSink {
 public:
  storage::Topology topology() const override { return net::topology; }
  tl::expected<void, storage::Error> add(storage::PartitionId partition,
                                         EntryWords entry) override {
    storage::EntryView view(entry);
    kinds_.insert(view.entry()->which());
    capnp::MallocMessageBuilder message;
    auto root = message.initRoot<rpc::Message>();
    const auto written = write_message(entry, root);
    EXPECT_TRUE(written) << written.error().text;
    const auto read = read_message(root.asReader(), net::topology, scratch_);
    if (!read) {
      ADD_FAILURE() << read.error();
      return {};
    }
    EXPECT_EQ(read->partition, partition);
    EXPECT_EQ(read->words.asBytes(), entry.asBytes());
    return {};
  }
  tl::expected<void, storage::Error> begin_source(const std::string&) override { return {}; }
  tl::expected<void, storage::Error> finish() override { return {}; }
  const std::set<schema::Entry::Which>& kinds() const { return kinds_; }

 private:
  storage::EntryScratch scratch_;
  std::set<schema::Entry::Which> kinds_;
};

TEST(MessageCodec, WhatIsFedBecomesTheSameEntryOfTheSamePartition) {
  RoundTrip sink;
  const auto output = session_output(sink);
  SimulationOptions options;
  options.population.meters = 300;
  options.population.days = 3;
  ASSERT_TRUE(simulate(options, *output));
  storage::EntryScratch scratch;
  const storage::MeterRegister fitted{core::Mpan::from_number(mpan_digits),
                                      core::MeterSerialId::parse("S123").value(),
                                      {},
                                      core::MeasurementQuantity::active_import,
                                      core::MeterRole::main,
                                      {1'700'000'000'000},
                                      storage::MeterRegister::still_fitted,
                                      99'000};
  ASSERT_TRUE(sink.add_meter(fitted.mpan, storage::encode_meter_register(fitted, scratch)));
  EXPECT_EQ(sink.kinds().size(), 11u) << "a kind of entry was not tried";
}

TEST(MessageCodec, WhatDoesNotComeFromOutsideIsNoMessage) {
  storage::EntryScratch scratch;
  const auto release =
      scratch.build([](schema::Entry::Builder entry) { entry.initRunRelease().setRunNumber(1); });
  capnp::MallocMessageBuilder message;
  EXPECT_FALSE(write_message(release, message.initRoot<rpc::Message>()));
}

/// What `read_message` says of a good consumption that `spoil` has changed; empty when it takes it.
std::string refusal(const std::function<void(rpc::Consumption::Builder)>& spoil) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<rpc::Message>();
  auto day = root.initConsumption();
  day.setMpan(mpan_digits);
  day.setUtcDay(15789);
  day.setPresent(0b101);
  day.initEnergyWh(2).set(0, 250);
  spoil(day);
  storage::EntryScratch scratch;
  const auto read = read_message(root.asReader(), topology, scratch);
  return read ? "" : read.error();
}

TEST(MessageCodec, AConsumptionThatIsNotWellFormedIsRefusedWithFieldAndValue) {
  using Day = rpc::Consumption::Builder;
  const auto says = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << "said: " << text;
  };
  EXPECT_EQ(refusal([](Day) {}), "");
  says(refusal([](Day day) { day.setMpan(mpan_digits + 1); }), "1012345678904");
  says(refusal([](Day day) { day.setUtcDay(9'999'999); }), "9999999");
  says(refusal([](Day day) { day.setPresent(0); }), "present 0x0");
  says(refusal([](Day day) { day.setPresent(std::uint64_t{1} << 48); }), "periods 1 to 48");
  says(refusal([](Day day) { day.setPresent(0b111); }), "2 values for 3 periods");
  says(refusal([](Day day) { day.getEnergyWh().set(1, 1u << 30); }), "energyWh[1] 1073741824");
  says(refusal([](Day day) { day.setQuality(38); }), "38");
  says(refusal([](Day day) { day.setQuality(255); }), "quality");
  says(refusal([](Day day) { day.setQuantity(static_cast<rpc::Consumption::Quantity>(9)); }), "9");
  says(refusal([](Day day) { day.setQuality(static_cast<std::uint8_t>(core::Quality::ze1)); }),
       "ECS1011");
  says(refusal([](Day day) { day.initDetail().initEstimationReasons(3); }), "estimationReasons");
}

TEST(MessageCodec, AnEmptyRegistrationIsRefused) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<rpc::Message>();
  root.initRegistration();
  storage::EntryScratch scratch;
  EXPECT_FALSE(read_message(root.asReader(), topology, scratch));
}

}  // namespace
}  // namespace hhgrid::net
