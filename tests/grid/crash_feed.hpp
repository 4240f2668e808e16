#pragma once

#include <map>
#include <vector>

#include "actors/meter/version_record.hpp"
#include "net/simulator/population.hpp"
#include "storage/journal/journal.hpp"

namespace hhgrid::tests {

inline constexpr std::uint16_t crash_partitions = 3;

/// The endless, repeatable stream of blocks that the crash tests feed: first what a simulated
/// population begins with, then consumption of its days again and again, whole and in part, so that
/// nearly everything is a correction.
class CrashFeed {
 public:
  explicit CrashFeed(std::uint64_t seed);

  struct Step {
    storage::PartitionId partition = 0;
    storage::Block block;
  };
  /// Step number `n`: the same bytes whenever it is asked for, so that a retry is taken once.
  Step step(std::uint64_t n) const;
  /// When step number `n` is received: the corrections one after the other.
  core::Instant received_at(std::uint64_t n) const;
  /// So many steps bring everything that a settlement needs.
  std::uint64_t opening_steps() const { return opening_.size(); }
  /// A settlement day that can be settled then.
  core::SettlementDay day() const;

  /// What has to count after the first `steps` steps, by meter and UTC day.
  using Counting = std::map<std::pair<core::Mpan, std::int32_t>, actors::MeterDay>;
  Counting counting_after(std::uint64_t steps) const;

 private:
  storage::SenderId sender() const { return {~std::uint64_t{0}, seed_}; }

  std::uint64_t seed_;
  net::Population population_;
  std::vector<std::vector<std::uint32_t>> meters_;  // by partition
  std::vector<Step> opening_;
  std::vector<std::uint64_t> opening_blocks_;  // by partition
};

}  // namespace hhgrid::tests
