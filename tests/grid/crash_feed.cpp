#include "tests/grid/crash_feed.hpp"

#include <set>
#include <stdexcept>

#include "actors/meter/versions.hpp"
#include "core/partitioning.hpp"
#include "net/ingest/ingest_session.hpp"
#include "net/simulator/counter_random.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::tests {
namespace {

constexpr std::uint32_t meters = 90;
constexpr std::int32_t days = 4;
constexpr core::Instant beginning{1'768'000'000'000};
constexpr std::uint64_t purpose = 1000;

net::PopulationOptions population_options(std::uint64_t seed) {
  net::PopulationOptions options;
  options.seed = seed;
  options.meters = meters;
  options.groups = "AC";
  options.days = days;
  return options;
}

}  // namespace

CrashFeed::CrashFeed(std::uint64_t seed)
    : seed_(seed),
      population_(population_options(seed)),
      meters_(crash_partitions),
      opening_blocks_(storage::Topology(crash_partitions).count(), 0) {
  for (std::uint32_t i = 0; i < meters; ++i)
    meters_[core::meter_partition(population_.traits(i).mpan, crash_partitions)].push_back(i);
  net::SessionOptions options;
  options.topology = storage::Topology(crash_partitions);
  options.block_entries_max = 40;
  options.sender = sender();
  options.clock = [] { return beginning; };
  net::IngestSession session(options, [&](storage::PartitionId partition, storage::Block block) {
    opening_.push_back({partition, std::move(block)});
    ++opening_blocks_[partition];
    return tl::expected<void, storage::Error>();
  });
  net::SimulationOptions simulation;
  simulation.population = population_options(seed);
  simulation.late_wave = false;
  const auto output = net::session_output(session);
  if (!net::simulate(simulation, *output) || !session.flush())
    throw std::runtime_error("the simulation failed");
}

core::SettlementDay CrashFeed::day() const { return {population_.options().first_day.value + 1}; }

core::Instant CrashFeed::received_at(std::uint64_t n) const {
  const auto correction = n < opening_.size() ? 0 : n - opening_.size() + 1;
  return {beginning.milliseconds + static_cast<std::int64_t>(correction)};
}

CrashFeed::Step CrashFeed::step(std::uint64_t n) const {
  if (n < opening_.size()) return opening_[n];
  net::CounterRandom random(seed_, purpose, n);
  Step step;
  step.partition = static_cast<storage::PartitionId>(n % crash_partitions);
  // A delivery of its own: it may correct what was said before.
  storage::BlockBuilder builder(received_at(n), "crash feed " + std::to_string(n));
  storage::EntryScratch scratch;
  const std::uint32_t count = 1 + random.below(30);
  const auto& mine = meters_[step.partition];
  std::set<std::pair<std::uint32_t, core::UtcDay>> said;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto meter = mine[random.below(static_cast<std::uint32_t>(mine.size()))];
    auto day = population_.consumption(
        meter, population_.options().first_day + static_cast<int>(random.below(days)));
    // Within a delivery two values would contradict each other.
    if (!said.emplace(meter, day.day).second) continue;
    for (auto& energy : day.energy_wh) energy += random.below(500);
    if (random.per_mille(300)) {
      day.present = random.next() & core::all_periods_mask;
      if (day.present == 0) day.present = 1;
      for (int p = 1; p <= core::periods_per_utc_day; ++p)
        if (!day.has(p)) day.energy_wh[static_cast<std::size_t>(p - 1)] = 0;
    }
    builder.add(storage::encode_consumption(day, scratch));
  }
  // The corrections before this one that went to the same partition.
  const std::uint64_t before =
      n / crash_partitions -
      (opening_.size() + crash_partitions - 1 - step.partition) / crash_partitions;
  step.block = builder.finish({sender(), opening_blocks_[step.partition] + before + 1});
  return step;
}

CrashFeed::Counting CrashFeed::counting_after(std::uint64_t steps) const {
  Counting counting;
  for (std::uint64_t n = 0; n < steps; ++n) {
    const Step s = step(n);
    if (s.partition >= crash_partitions) continue;  // no meters
    const storage::BlockView view(s.block);
    for (const auto words : view.entries()) {
      storage::EntryView entry(words);
      const auto day = storage::decode_consumption(entry.entry().value());
      if (!day) continue;
      core::MeterDay values;
      actors::take_meter_day(*day, values);
      core::overlay(counting[{day->mpan, day->day.value}], values, values.present);
    }
  }
  return counting;
}

}  // namespace hhgrid::tests
