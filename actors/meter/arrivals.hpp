#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <roaring/roaring.hh>

#include "actors/meter/meter.hpp"
#include "actors/meter/presence.hpp"
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
  Meters registered;                     ///< With a registration or annual consumption.
  /// The blocks that brought it.
  std::shared_ptr<AsOf::Blocks> blocks = std::make_shared<AsOf::Blocks>();

  bool empty() const { return blocks->empty(); }
  /// Whether meters have to be looked for by reading all of a UTC day.
  bool many_of(core::UtcDay day) const;
};

/// Notes of every block which meters, on which UTC days, it is about, by the time at which it was
/// received. So what came after a cut-off is found by what it is, and not by reading what is there.
class Arrivals {
 public:
  /// A version of the block being applied is stored. Cheapest in the order of UTC days.
  void version(const Presence::Key& key, std::uint32_t meter);
  /// A registration or annual consumption of it is taken.
  void registered(std::uint32_t meter) { registered_.push_back(meter); }
  /// Of what is noted, in the block `block` received at `received_at`, when that is after the
  /// cut-off: adds it.
  void add_later(core::Instant cutoff, core::Instant received_at, storage::BlockNumber block,
                 std::uint32_t meter_count, LaterArrivals& later);
  /// Puts the record of the block, when there is anything to note. `meter_count`: of the partition.
  void write(core::Instant received_at, storage::BlockNumber block, std::uint32_t meter_count,
             storage::Commit& commit);

 private:
  using Numbers = std::vector<std::uint32_t>;
  std::map<core::UtcDay, std::array<Numbers, 4>> days_;
  std::pair<core::UtcDay, std::array<Numbers, 4>*> last_{{}, nullptr};
  Numbers registered_;
};

inline constexpr storage::Table<schema::ArrivalsRecord> arrivals_table{storage::Family::arrival};
std::string arrivals_key(core::Instant received_at, storage::BlockNumber block);
/// So many meters are noted one by one; beyond that only that there are many.
std::uint32_t arrivals_noted_max(std::uint32_t meter_count);
/// Throws when the record does not hold.
LaterArrivals::Meters read_arrived(schema::ArrivalsRecord::Meters::Reader meters);
/// What was received after `cutoff` and is in the store. Errors: damaged, io.
tl::expected<LaterArrivals, storage::Error> read_later(const storage::Store& store,
                                                       core::Instant cutoff);

}  // namespace hhgrid::actors
