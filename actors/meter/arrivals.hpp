#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include <roaring/roaring.hh>

#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/shape_changes.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// What was received after a cut-off, by whom it is about (meters are their numbers): what a run as
/// of the cut-off takes away from what is there.
struct LaterArrivals {
  struct Meters {
    Roaring numbers;
    bool many = false;  ///< More than `numbers`: they are found by reading all there is.
  };
  std::map<Presence::Key, Meters> days;  ///< With versions of that UTC day and quantity.
  Meters registered;                     ///< With a registration, annual consumption or register.
  /// The blocks that brought it.
  std::shared_ptr<AsOf::Blocks> blocks = std::make_shared<AsOf::Blocks>();
  /// By how much they changed the load-shape sums of the days asked for.
  ShapeSumsByDay shapes;
  /// UTC days on which something that was received before the cut-off lies behind `blocks` in the
  /// journal: had those not come first, it would have changed the sums by something else, so
  /// `shapes` does not lead back to them. All days, when it is a registration or the like.
  std::set<core::UtcDay> crossed;
  bool all_crossed = false;

  bool empty() const { return blocks->empty(); }
  bool is_crossed(core::UtcDay day) const { return all_crossed || crossed.contains(day); }
  /// Whether meters have to be looked for by reading all of a UTC day.
  bool many_of(core::UtcDay day) const;
};

/// The order in which noted blocks came. Senders' clocks and ways differ: it is not that of their
/// receipt.
struct ArrivalOrder {
  core::Instant newest{std::numeric_limits<std::int64_t>::min()};
  std::int64_t lag_max = 0;  ///< By how many milliseconds one came after a newer one, at most.
  void add(core::Instant received_at);
  friend bool operator==(const ArrivalOrder&, const ArrivalOrder&) = default;
};
void write_order(const ArrivalOrder& order, schema::MetaRecord::Builder meta);
ArrivalOrder read_order(schema::MetaRecord::Reader meta);

/// What is noted of a block.
struct ArrivalNote {
  struct Meters {
    std::uint32_t count = 0;
    Roaring numbers;  ///< Nothing when they are too many to be noted one by one.
    bool many() const { return count > 0 && numbers.isEmpty(); }
  };
  std::map<Presence::Key, Meters> days;
  Meters registered;
};
/// Throws when the record does not hold.
ArrivalNote read_note(schema::ArrivalsRecord::Reader record);

/// Notes of every block which meters, on which UTC days, it is about, by the time at which it was
/// received. So what came after a cut-off is found by what it is, and not by reading what is there.
class Arrivals {
 public:
  /// A version of the block being applied is stored; those of a meter-day come one after the other.
  /// Cheapest in the order of UTC days.
  void version(const Presence::Key& key, std::uint32_t meter);
  /// A registration, annual consumption or register of it is taken.
  void registered(std::uint32_t meter) { registered_.push_back(meter); }
  /// The block being applied repeats something: it is noted, without a meter.
  void repeat() { repeats_ = true; }

  /// A noted block.
  struct Block {
    core::Instant received_at;
    storage::BlockNumber number = 0;
    friend auto operator<=>(const Block&, const Block&) = default;
  };
  /// A version, or a registration, annual consumption or register, that the block being applied has
  /// made of what an earlier block repeated. Throws StoreFailure.
  void version_in(const Block& block, const Presence::Key& key, std::uint32_t meter,
                  const storage::Store& store);
  void registered_in(const Block& block, std::uint32_t meter, const storage::Store& store);

  /// What was received after `cutoff` and is in the store. `shape_days`: of these `shapes` is
  /// wanted. Errors: damaged, io.
  tl::expected<LaterArrivals, storage::Error> read_later(const storage::Store& store,
                                                         core::Instant cutoff,
                                                         const ShapeDays& shape_days) const;
  /// Adds what is noted so far, of the block `block` received at `received_at`. `shapes`: what it
  /// has changed of load-shape sums. The versions noted are forgotten then: `write` wants all of
  /// them.
  void add_block(core::Instant cutoff, core::Instant received_at, storage::BlockNumber block,
                 std::uint32_t meter_count, const ShapeSumsByDay& shapes, LaterArrivals& later);
  /// Puts the records of the block, when there is anything to note. `meter_count`: of the
  /// partition.
  void write(core::Instant received_at, storage::BlockNumber block, std::uint32_t meter_count,
             const ShapeSumsByDay& shapes, storage::Commit& commit);
  const ArrivalOrder& order() const { return order_; }
  /// Of the blocks written before.
  void set_order(const ArrivalOrder& order) { order_ = order; }

 private:
  using Numbers = std::vector<std::uint32_t>;
  void forget_versions();
  ArrivalNote note(std::uint32_t meter_count);
  ArrivalNote& changed(const Block& block, const storage::Store& store);
  bool is_empty() const { return days_.empty() && registered_.empty() && !repeats_; }
  tl::expected<void, storage::Error> find_crossed(const storage::Store& store, core::Instant cutoff,
                                                  LaterArrivals& later) const;

  ArrivalOrder order_;
  std::map<core::UtcDay, std::array<Numbers, 4>> days_;
  std::pair<core::UtcDay, std::array<Numbers, 4>*> last_{{}, nullptr};
  Numbers registered_;
  bool repeats_ = false;
  std::map<Block, ArrivalNote> changed_;  // earlier blocks, and what is noted of them now
};

inline constexpr storage::Table<schema::ArrivalsRecord> arrivals_table{storage::Family::arrival,
                                                                       "a"};
std::string arrivals_key(core::Instant received_at, storage::BlockNumber block);
/// So that keys are in the order of instants.
constexpr std::uint64_t instant_in_key(core::Instant at) {
  return static_cast<std::uint64_t>(at.milliseconds) ^ std::uint64_t{1} << 63;
}
constexpr core::Instant instant_of_key(std::uint64_t number) {
  return {static_cast<std::int64_t>(number ^ std::uint64_t{1} << 63)};
}
/// So many meters are noted one by one; beyond that only that there are many.
std::uint32_t arrivals_noted_max(std::uint32_t meter_count);
}  // namespace hhgrid::actors
