#include "actors/meter/run_only_shapes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "actors/verify/check.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

constexpr std::int64_t first_time = 1'358'000'000'000;
constexpr std::uint64_t meters = 6;

struct Block {
  std::uint64_t delivery = 0;  // 0: its own
  core::Instant received_at;
  std::vector<std::pair<core::Mpan, Entry>> entries;
};

Entry some_entry(core::Mpan mpan, std::mt19937_64& random) {
  const auto below = [&](std::uint64_t n) { return static_cast<int>(random() % n); };
  if (below(5) == 0) {
    auto terms = terms_variant(static_cast<unsigned>(below(terms_variants)));
    terms.energised = below(4) != 0;
    return registration_entry(mpan, run_day - below(10), core::open_ended, terms);
  }
  if (below(6) == 0) {
    // Each fitted at a time of its own, nearly: of two with the same the last one counts.
    const core::Instant fitted{(run_day.value - below(8)) * core::ms_per_utc_day +
                               below(86'400'000)};
    return meter_register_entry(mpan, fitted, below(2) == 0 ? 500 : 50'000);
  }
  constexpr core::Quality qualities[] = {core::Quality::a, core::Quality::e1};
  const auto present = below(3) == 0 ? random() & core::all_periods_mask : core::all_periods_mask;
  // Now and then more than a household can use: refused, unless it was none then.
  const core::WattHours energy_wh = below(4) == 0 ? 40'000 : 100 + below(900);
  return consumption_entry(mpan, core::UtcDay{run_day.value - below(8)}, energy_wh, present | 1,
                           core::MeasurementQuantity::active_import, qualities[below(5) == 0]);
}

/// `disorder`: by how many milliseconds a block can have been received before one that it follows.
std::vector<Block> some_blocks(std::mt19937_64& random, std::int64_t disorder) {
  std::vector<Block> blocks(12);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    blocks[b].received_at = {first_time + static_cast<std::int64_t>(b) * 1'000 -
                             static_cast<std::int64_t>(random() % (disorder + 1))};
    const core::Mpan mpan = meter_mpan(b < meters ? b : random() % meters);
    if (b < meters)
      blocks[b].entries.emplace_back(
          mpan, registration_entry(mpan, run_day - 400, core::open_ended, terms_variant(b * 8)));
    for (auto n = random() % 4 + 1; n > 0; --n)
      blocks[b].entries.emplace_back(mpan, some_entry(mpan, random));
  }
  return blocks;
}

/// The digest, which is over the load shapes too, of the run as of a cut-off by a grid that knows
/// the blocks received up to `known`.
std::uint64_t settle(const std::vector<Block>& blocks, core::Instant known, core::Instant cutoff) {
  FoldGrid grid(1, {.minimum_sample = 1});
  storage::EntryScratch scratch;
  grid.append(0, {first_time - 100'000},
              storage::copy_words(storage::encode_consumption_limits({}, scratch)));
  grid.append_standing({first_time - 100'000}, standing_entries(run_day, run_day));
  for (const Block& block : blocks) {
    if (known < block.received_at) continue;
    std::vector<Entry> entries;
    for (const auto& entry : block.entries) entries.push_back(storage::copy_words(entry.second));
    grid.name_delivery(block.delivery);
    grid.append(0, block.received_at, entries);
  }
  grid.name_delivery(0);
  const auto number = grid.request_run(run_day, cutoff, {first_time + 1'000'000});
  grid.deliver();
  if (cutoff < known) {
    for (const auto& d : check_stores(grid.stores(), FoldGrid::calendar(), 1).damage)
      ADD_FAILURE() << d.family << " " << d.key << ": " << d.cause;
  }
  const auto run = grid.run_info(number);
  EXPECT_NE(run.digest, 0u) << run.reason;
  return run.digest;
}

/// The only reading of its day lies behind the registration that refuses it, and was received
/// before it.
TEST(RunOnlyShapes, WhatIsRefusedNowAndCountedThenComesBack) {
  const auto estimate =
      consumption_entry(meter_mpan(1), core::UtcDay{run_day.value}, 500, core::all_periods_mask,
                        core::MeasurementQuantity::active_import, core::Quality::e1);
  const auto too_much = consumption_entry(meter_mpan(1), core::UtcDay{run_day.value - 1}, 40'000);
  auto terms = terms_variant(0);
  std::vector<Block> blocks(4);
  const auto add = [&](std::size_t block, std::int64_t received, Entry entry) {
    blocks[block].received_at = {first_time + received};
    blocks[block].entries.emplace_back(meter_mpan(1), std::move(entry));
  };
  const auto register_on = [&](core::ConnectionType connection, bool energised) {
    terms.connection = connection;
    terms.energised = energised;
    return registration_entry(meter_mpan(1), run_day - 30, core::open_ended, terms);
  };
  add(0, 1, register_on(core::ConnectionType::high_voltage, true));
  add(1, 10, register_on(core::ConnectionType::whole_current, false));
  add(2, 5, storage::copy_words(estimate));
  add(3, 6, storage::copy_words(too_much));
  const core::Instant cutoff{first_time + 7}, everything{first_time + 100};
  const auto known = settle(blocks, cutoff, cutoff);
  EXPECT_EQ(settle(blocks, everything, cutoff), known);
  EXPECT_NE(settle(blocks, everything, everything), known);
}

class RunOnlyShapesInOrder : public testing::TestWithParam<std::int64_t> {};

TEST_P(RunOnlyShapesInOrder, LeadBackToWhatAGridHasThatKnowsNoMore) {
  constexpr core::Instant everything{first_time + 100'000};
  int differing = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    std::mt19937_64 random(seed);
    const auto blocks = some_blocks(random, GetParam());
    const auto now = settle(blocks, everything, everything);
    std::vector<core::Instant> times;
    for (const Block& block : blocks) times.push_back(block.received_at);
    std::sort(times.begin(), times.end());
    for (const std::size_t n : {3, 8}) {
      const core::Instant cutoff = times[n];
      const auto known = settle(blocks, cutoff, cutoff);
      EXPECT_EQ(settle(blocks, everything, cutoff), known) << "seed " << seed;
      differing += known != now;
    }
  }
  EXPECT_GT(differing, 8) << "or the cut-offs show nothing";
}

/// Deliveries that go on beside each other, say the same, and contradict themselves.
std::vector<Block> some_deliveries(std::mt19937_64& random) {
  constexpr std::uint64_t deliveries = 4;
  const auto below = [&](std::uint64_t n) { return static_cast<int>(random() % n); };
  const auto entry = [&](core::Mpan mpan) {
    const auto from = run_day - 30 * (below(2) + 1);
    switch (below(6)) {
      case 0: {
        // What one allows the other refuses.
        auto terms = terms_variant(0);
        terms.connection = below(2) == 0 ? core::ConnectionType::whole_current
                                         : core::ConnectionType::high_voltage;
        return registration_entry(mpan, from, core::open_ended, terms);
      }
      case 1:
        return annual_consumption_entry(mpan, from, 1'000 * (below(2) + 1));
      default:
        const auto present = below(2) == 0 ? core::all_periods_mask : std::uint64_t{0xff0};
        const core::WattHours energy_wh = below(3) == 0 ? 40'000 : 100 * (below(2) + 1);
        return consumption_entry(mpan, core::UtcDay{run_day.value - below(2)}, energy_wh, present);
    }
  };
  std::vector<Block> blocks(16);
  std::array<std::int64_t, deliveries + 1> newest{};
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    Block& block = blocks[b];
    block.delivery = random() % deliveries + 1;
    auto& received = newest[block.delivery];
    received = std::max(received, first_time + static_cast<std::int64_t>(b) * 1'000 -
                                      static_cast<std::int64_t>(random() % 6'000));
    block.received_at = {received};
    for (auto n = random() % 3 + 1; n > 0; --n) {
      const core::Mpan mpan = meter_mpan(random() % 2);
      block.entries.emplace_back(mpan, entry(mpan));
    }
  }
  return blocks;
}

TEST(RunOnlyShapesOfDeliveries, LeadBackToWhatAGridHasThatKnowsNoMore) {
  constexpr core::Instant everything{first_time + 100'000};
  int differing = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    std::mt19937_64 random(seed);
    const auto blocks = some_deliveries(random);
    const auto now = settle(blocks, everything, everything);
    for (const std::size_t b : {5, 10}) {
      const auto known = settle(blocks, blocks[b].received_at, blocks[b].received_at);
      EXPECT_EQ(settle(blocks, everything, blocks[b].received_at), known) << "seed " << seed;
      differing += known != now;
    }
  }
  EXPECT_GT(differing, 16) << "or the cut-offs show nothing";
}

INSTANTIATE_TEST_SUITE_P(OrNot, RunOnlyShapesInOrder, testing::Values(0, 1'500, 12'000));

}  // namespace
}  // namespace hhgrid::actors::test
