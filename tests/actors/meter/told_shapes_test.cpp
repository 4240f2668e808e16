#include <gmock/gmock.h>

#include "actors/host/message_codec.hpp"
#include "storage/wire/block_builder.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

Entry marker(std::uint32_t run) {
  storage::EntryScratch scratch;
  return storage::copy_words(scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initRunMarker();
    out.setRunNumber(run);
    out.setSettlementDay(run_day.value);
    out.setCutoff(cutoff.milliseconds);
  }));
}

/// What each of a block's run sums tells of the first period's energy, over all groups and days.
std::vector<core::WattHours> first_periods_told(const OutboxBlock& sent) {
  std::vector<core::WattHours> told;
  const storage::BlockView view(sent.block);
  for (const auto words : view.entries()) {
    storage::EntryView entry(words);
    core::WattHours energy_wh = 0;
    for (const auto delta : entry.entry()->getRunSums().getShapeDeltas())
      energy_wh += read_shape_sums(delta).sums.energy_wh[0];
    told.push_back(energy_wh);
  }
  return told;
}

TEST(ToldShapes, MarkersInOneBlockTellEachChangeOnce) {
  FoldGrid grid(1);
  for (std::uint64_t n = 0; n < 2; ++n)
    grid.append(
        meter_mpan(n), cutoff,
        registration_entry(meter_mpan(n), run_day - 30, core::open_ended, terms_variant(0)));
  grid.append(meter_mpan(0), cutoff, consumption_entry(meter_mpan(0), {run_day.value}, 100));
  std::vector<Entry> block;
  block.push_back(marker(1));
  block.push_back(consumption_entry(meter_mpan(1), {run_day.value}, 7));
  block.push_back(marker(2));
  block.push_back(marker(3));
  grid.append(0, cutoff, block);
  const auto sent = grid.fold(0).take_outbox();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_THAT(first_periods_told(sent[0]), testing::ElementsAre(100, 7, 0));
  grid.append(0, cutoff, marker(4));
  EXPECT_THAT(first_periods_told(grid.fold(0).take_outbox().at(0)), testing::ElementsAre(0));
}

}  // namespace
}  // namespace hhgrid::actors::test
