#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/simulator/population.hpp"
#include "storage/journal/journal.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::tests {

/// What a small simulated population brings into a grid, entry by entry: all of them independent of
/// each other, so that they may come in any order and in blocks of any size. The same options make
/// the same entries.
class World {
 public:
  struct Options {
    std::uint64_t seed = 5;
    std::uint32_t meters = 80;
    std::int32_t days = 3;
    std::string groups = "AC";
  };
  struct Item {
    std::shared_ptr<const kj::Array<capnp::word>> words;
    std::optional<core::Mpan> mpan;  ///< Nothing: standing data.
  };
  explicit World(const Options& options);

  /// Standing data, registrations, annual consumptions, and the consumption that comes in time.
  const std::vector<Item>& in_time() const { return in_time_; }
  /// Consumption that comes late, and corrections.
  const std::vector<Item>& late() const { return late_; }
  const net::Population& population() const { return population_; }
  /// A settlement day that can be settled.
  core::SettlementDay day() const { return {population_.options().first_day.value + 1}; }

 private:
  net::Population population_;
  std::vector<Item> in_time_, late_;
};

/// The item of one consumption version.
World::Item item_of(const storage::ConsumptionDay& version);
World::Item item_of(const storage::Registration& registration);
World::Item item_of(const storage::MeterRegister& fitted);

struct Batch {
  storage::PartitionId partition = 0;
  storage::Block block;
};

struct BatchOptions {
  storage::PartitionId partitions = 3;
  std::uint32_t entries_max = 40;
  core::Instant received_at{1'768'000'000'000};
  std::uint64_t shuffle = 0;  ///< 0: in the order given.
};
/// The items in blocks for a grid with so many partitions; every call is another sender.
std::vector<Batch> batches(std::vector<World::Item> items, const BatchOptions& options);

}  // namespace hhgrid::tests
