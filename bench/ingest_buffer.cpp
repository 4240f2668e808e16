#include "bench/ingest_buffer.hpp"

#include <algorithm>
#include <thread>

#include "bench/measure.hpp"
#include "core/partitioning.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::bench {
namespace {

/// Fills one partition's blocks.
class PartitionBlocks {
 public:
  explicit PartitionBlocks(std::uint32_t batch_entries)
      : batch_entries_(batch_entries), builder_(received_at, "bench") {}

  void add(storage::EntryWords entry) {
    builder_.add(entry);
    if (builder_.count() == batch_entries_) cut();
  }
  std::vector<storage::Block> take() {
    if (!builder_.empty()) cut();
    return std::move(blocks_);
  }

 private:
  void cut() { blocks_.push_back(builder_.finish({sender_, ++n_})); }

  const storage::SenderId sender_ = storage::make_sender_id();
  std::uint64_t n_ = 0;
  std::uint32_t batch_entries_;
  storage::BlockBuilder builder_;
  std::vector<storage::Block> blocks_;
};

/// A fixed order of arrival that is not the meters' own.
std::vector<std::uint32_t> arrival_order(const std::vector<std::uint32_t>& meters,
                                         std::int32_t day) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed;
  keyed.reserve(meters.size());
  for (const auto meter : meters) {
    std::uint64_t x =
        (std::uint64_t{meter} << 20 | static_cast<std::uint64_t>(day)) * 0x9e3779b97f4a7c15ull;
    keyed.emplace_back(x ^ x >> 29, meter);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::uint32_t> order;
  order.reserve(meters.size());
  for (const auto& [key, meter] : keyed) order.push_back(meter);
  return order;
}

}  // namespace

ReadyBuffer make_ready_buffer(const net::Population& population, std::uint16_t partitions,
                              std::uint32_t batch_entries) {
  std::vector<std::vector<std::uint32_t>> meters(partitions);
  for (std::uint32_t i = 0; i < population.options().meters; ++i)
    meters[core::meter_partition(population.traits(i).mpan, partitions)].push_back(i);
  ReadyBuffer buffer;
  buffer.registrations.resize(partitions);
  buffer.consumption.resize(partitions);
  std::atomic<std::uint16_t> next{0};
  std::atomic<std::uint64_t> meter_days{0};
  const auto work = [&] {
    storage::EntryScratch scratch;
    for (std::uint16_t p = next++; p < partitions; p = next++) {
      PartitionBlocks registrations(batch_entries), consumption(batch_entries);
      for (const auto i : meters[p])
        for (const auto& registration : population.registrations(i))
          registrations.add(storage::encode_registration(registration, scratch));
      for (std::int32_t d = 0; d < population.options().days; ++d)
        for (const auto i : arrival_order(meters[p], d))
          consumption.add(storage::encode_consumption(
              population.consumption(i, population.options().first_day + d), scratch));
      meter_days += meters[p].size() * static_cast<std::size_t>(population.options().days);
      buffer.registrations[p] = registrations.take();
      buffer.consumption[p] = consumption.take();
    }
  };
  std::thread other(work);
  work();
  other.join();
  buffer.meter_days = meter_days;
  return buffer;
}

}  // namespace hhgrid::bench
