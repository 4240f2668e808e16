#include "tests/grid/grid_world.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "net/ingest/ingest_session.hpp"
#include "net/simulator/session_output.hpp"
#include "net/simulator/simulate.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::tests {
namespace {

net::PopulationOptions population_options(const World::Options& options) {
  net::PopulationOptions population;
  population.seed = options.seed;
  population.meters = options.meters;
  population.days = options.days;
  population.groups = options.groups;
  return population;
}

std::optional<core::Mpan> mpan_of(storage::EntryWords words) {
  storage::EntryView view(words);
  const auto entry = view.entry().value();
  std::uint64_t number = 0;
  if (entry.isConsumption()) number = entry.getConsumption().getMpan();
  if (entry.isRegistration()) number = entry.getRegistration().getMpan();
  if (entry.isAnnualConsumption()) number = entry.getAnnualConsumption().getMpan();
  if (entry.isMeterRegister()) number = entry.getMeterRegister().getMpan();
  if (number == 0) return std::nullopt;
  return core::Mpan::from_number(number);
}

/// The partition that keeps a row of standing data.
storage::PartitionId keeper_of(storage::EntryWords words, storage::Topology topology) {
  storage::EntryView view(words);
  const auto entry = view.entry();
  if (!entry || !entry->isGroupTake()) return topology.market();
  return topology.of(storage::decode_group_take(*entry).value().gsp_group);
}

World::Item make_item(storage::EntryWords words, std::optional<core::Mpan> mpan) {
  return {std::make_shared<const kj::Array<capnp::word>>(storage::copy_words(words)), mpan};
}

std::vector<World::Item> simulated(const World::Options& options, bool late) {
  std::vector<World::Item> items;
  net::SessionOptions session_options;
  session_options.clock = [] { return core::Instant{}; };
  net::IngestSession session(session_options,
                             [&](storage::PartitionId, const storage::Block& block) {
                               const storage::BlockView view(block);
                               for (const auto words : view.entries())
                                 items.push_back(make_item(words, mpan_of(words)));
                               return tl::expected<void, storage::Error>();
                             });
  net::SimulationOptions simulation;
  simulation.population = population_options(options);
  simulation.first_wave = !late;
  simulation.late_wave = late;
  const auto output = net::session_output(session);
  if (!net::simulate(simulation, *output) || !session.flush())
    throw std::runtime_error("the simulation failed");
  return items;
}

}  // namespace

World::World(const Options& options)
    : population_(population_options(options)),
      in_time_(simulated(options, false)),
      late_(simulated(options, true)) {}

World::Item item_of(const storage::ConsumptionDay& version) {
  storage::EntryScratch scratch;
  return make_item(storage::encode_consumption(version, scratch), version.mpan);
}

World::Item item_of(const storage::Registration& registration) {
  storage::EntryScratch scratch;
  return make_item(storage::encode_registration(registration, scratch), registration.mpan);
}

World::Item item_of(const storage::MeterRegister& fitted) {
  storage::EntryScratch scratch;
  return make_item(storage::encode_meter_register(fitted, scratch), fitted.mpan);
}

std::vector<Batch> batches(std::vector<World::Item> items, const BatchOptions& options) {
  if (options.shuffle != 0) {
    std::mt19937_64 random(options.shuffle);
    std::shuffle(items.begin(), items.end(), random);
  }
  const storage::Topology topology(options.partitions);
  std::vector<storage::BlockBuilder> builders(topology.count(),
                                              storage::BlockBuilder(options.received_at, "world"));
  const storage::SenderId sender = storage::make_sender_id();
  std::vector<std::uint64_t> sent(builders.size(), 0);
  std::vector<Batch> made;
  const auto finish = [&](storage::PartitionId partition) {
    made.push_back({partition, builders[partition].finish({sender, ++sent[partition]})});
  };
  for (const auto& item : items) {
    const auto partition = item.mpan ? topology.of(*item.mpan) : keeper_of(*item.words, topology);
    builders[partition].add(*item.words);
    if (builders[partition].count() >= options.entries_max) finish(partition);
  }
  for (const storage::PartitionId p : topology.all())
    if (!builders[p].empty()) finish(p);
  return made;
}

}  // namespace hhgrid::tests
