#include "net/simulator/simulate.hpp"

#include <map>
#include <set>

#include "core/decimal.hpp"
#include "net/simulator/folder_output.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulated_standing.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class Simulate : public IngestFixture {
 protected:
  /// Around the day when the clocks go forward, 29 March 2026.
  static SimulationOptions options(std::uint32_t meters = 60) {
    SimulationOptions options;
    options.population.meters = meters;
    options.population.groups = "CP";
    options.population.first_day = core::UtcDay{*core::parse_day_number("2026-03-27")};
    options.population.days = 4;
    return options;
  }

  /// Every entry delivered, as bytes, counted.
  std::map<std::string, int> entries() const {
    std::map<std::string, int> all;
    for (const auto& delivered : delivered_) {
      const storage::BlockView block(delivered.block);
      for (const auto entry : block.entries()) {
        const auto bytes = entry.asBytes();
        ++all[std::to_string(delivered.partition) + ":" +
              std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size())];
      }
    }
    return all;
  }

  std::vector<storage::GroupTake> takes() const {
    std::vector<storage::GroupTake> all;
    for (const auto& delivered : delivered_) {
      const storage::BlockView block(delivered.block);
      for (const auto words : block.entries()) {
        storage::EntryView view(words);
        const auto entry = *view.entry();
        if (entry.isGroupTake()) all.push_back(*storage::decode_group_take(entry));
      }
    }
    return all;
  }

  IngestSession session() {
    return IngestSession({.topology = topology, .clock = [] { return core::Instant{1}; }},
                         [this](storage::PartitionId partition,
                                storage::Block block) -> tl::expected<void, storage::Error> {
                           if (fail_) return tl::unexpected(*fail_);
                           delivered_.push_back({partition, std::move(block)});
                           return {};
                         });
  }
};

TEST_F(Simulate, EveryRowOfTheFolderIsAccepted) {
  const auto output = folder_output(folder_.path());
  const auto summary = simulate(options(), *output);
  ASSERT_TRUE(summary) << summary.error().text;
  const auto ingested = ingest(folder_.path());
  EXPECT_TRUE(ingested.complete());
  EXPECT_EQ(ingested.files.size(), 10u);
  const auto late = ingest(folder_.path() / "late");
  EXPECT_TRUE(late.complete());
  EXPECT_EQ(late.rows_accepted(), summary->meter_days_late);
}

TEST_F(Simulate, TheFolderAndTheGridGetTheSame) {
  const auto output = folder_output(folder_.path());
  ASSERT_TRUE(simulate(options(), *output));
  ingest(folder_.path());
  ingest(folder_.path() / "late");
  const auto from_files = entries();
  delivered_.clear();
  auto s = session();
  const auto direct = session_output(s);
  ASSERT_TRUE(simulate(options(), *direct));
  EXPECT_EQ(entries().size(), from_files.size());
  EXPECT_EQ(entries(), from_files);
}

TEST_F(Simulate, TheSameSeedMakesTheSameFiles) {
  for (const char* name : {"one", "two"}) {
    const auto output = folder_output(folder_.path() / name);
    ASSERT_TRUE(simulate(options(), *output));
  }
  for (const auto& file : std::filesystem::directory_iterator(folder_.path() / "one")) {
    if (file.is_directory()) continue;
    EXPECT_EQ(read_text(file.path()), read_text(folder_.path() / "two" / file.path().filename()));
  }
}

TEST_F(Simulate, TakesAreMadeForTheSettlementDaysThatAreCoveredWhole) {
  auto s = session();
  const auto output = session_output(s);
  ASSERT_TRUE(simulate(options(), *output));
  std::set<std::pair<std::string, std::size_t>> days;
  for (const auto& take : takes())
    days.insert({core::format_day(take.day.value), take.take.present.count()});
  // Four UTC days from the 27th: the 30th ends at 23:00Z, an hour of the 31st is left over.
  EXPECT_EQ(days,
            (std::set<std::pair<std::string, std::size_t>>{
                {"2026-03-27", 48}, {"2026-03-28", 48}, {"2026-03-29", 46}, {"2026-03-30", 48}}));
}

TEST_F(Simulate, ATakeIsTheVolumeWithLossesAndAtMostTheResidual) {
  auto o = options(20);
  o.population.groups = "C";
  const Population population(o.population);
  auto s = session();
  const auto output = session_output(s);
  ASSERT_TRUE(simulate(o, *output));
  const auto all = takes();
  ASSERT_FALSE(all.empty());
  const auto* take = &all.front();
  ASSERT_EQ(core::format_day(take->day.value), "2026-03-27");
  // In winter local time is UTC: settlement period 20 is UTC period 20.
  constexpr std::size_t slot = 19;
  core::WattHours expected = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const auto traits = population.traits(i);
    const auto losses = simulated_losses(population, 0, traits.loss_class, take->day, 48);
    const auto energy_wh = population.consumption(i, o.population.first_day).energy_wh[slot];
    expected += (traits.direction == core::Direction::import_ ? 1 : -1) * energy_wh *
                losses.thousandths[slot];
  }
  EXPECT_GT(expected, 0);
  EXPECT_GE(take->take.energy_wh[slot], expected / 1000);
  EXPECT_LE(take->take.energy_wh[slot], expected / 1000 * 102 / 100 + 1);
}

TEST_F(Simulate, LineLossFactorsLieBetween1_02And1_12) {
  const Population population(options().population);
  for (std::uint8_t group = 0; group < 2; ++group)
    for (std::uint8_t loss_class = 0; loss_class < Population::loss_class_count; ++loss_class)
      for (const auto factor :
           simulated_losses(population, group, loss_class, {20540}, 50).thousandths) {
        EXPECT_GE(factor, 1020);
        EXPECT_LE(factor, 1120);
      }
}

TEST_F(Simulate, AFailingStoreIsReported) {
  fail_ = storage::Error{storage::Errc::no_space, "the disk is full"};
  auto s = session();
  const auto output = session_output(s);
  const auto summary = simulate(options(), *output);
  ASSERT_FALSE(summary);
  EXPECT_NE(summary.error().text.find("the disk is full"), std::string::npos);
}

TEST_F(Simulate, AFolderThatCannotBeMadeIsReported) {
  const auto output = folder_output(folder_.write("file", "x") / "below");
  const auto summary = simulate(options(), *output);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, IngestErrc::not_written);
}

}  // namespace
}  // namespace hhgrid::net
