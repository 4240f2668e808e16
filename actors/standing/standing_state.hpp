#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <tl/expected.hpp>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/standing/standing_row.hpp"
#include "core/standing/standing_data.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// A standing-data snapshot that nobody changes any more.
using StandingSnapshot = std::shared_ptr<const core::StandingData>;

/// What the turn of a row may read beside the state. Reading may throw StoreFailure.
struct StandingPorts {
  /// The block in which the entry's delivery began, when every block since is of it; nothing when
  /// that is not known.
  std::optional<storage::BlockNumber> delivery_began = std::nullopt;
  /// Whether an earlier entry came in the same delivery.
  std::function<bool(storage::Position)> of_delivery;
  /// The records of Family::actor whose keys begin so, those of this block included.
  std::function<std::map<std::string, std::string>(const std::string& prefix)> records;
};

/// Industry Standing Data of the market partition: the newest as a table in memory, every version
/// in the store. What one delivery says differently of the same row (or period of it) is refused,
/// in whatever order it comes: from the entry that contradicts on none of it counts, and what was
/// said before the delivery counts again.
class StandingState {
 public:
  struct Fingerprint {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };

  /// Takes one entry of standing data. A repeat of the row's newest version changes nothing.
  /// Throws TurnFailure, before anything has changed, when a field does not hold.
  void turn(schema::Entry::Reader entry, kj::ArrayPtr<const capnp::word> bytes,
            const TurnContext& context, const StandingPorts& ports, MarketEffects& effects);
  /// Reads what the store holds. Errors: damaged (names the key), io.
  tl::expected<void, storage::Error> load(const storage::Store::View& view);

  /// The standing data as of now; later entries do not change what has been given out.
  StandingSnapshot snapshot() const { return current_; }
  /// The standing data as of an entry; `view` must show what this state was loaded from. Errors:
  /// damaged (names the key), io.
  tl::expected<StandingSnapshot, storage::Error> as_of(storage::Position position,
                                                       const storage::Store::View& view) const;
  /// The position of the newest version stored; none when there is none.
  storage::Position newest_position() const { return newest_position_; }
  std::uint64_t row_count() const { return newest_.size(); }
  /// Entries that repeated the newest version of their row, since the program started.
  std::uint64_t unchanged_count() const { return unchanged_; }
  /// Entries that changed something, since the program started.
  std::uint64_t accepted_count() const { return accepted_; }
  /// Rows (periods of them) that were refused, since the program started.
  std::uint64_t refused_count() const { return refused_; }

 private:
  struct Newest {
    Fingerprint mark;
    storage::Position said;  ///< It, or what has repeated it since.
  };
  struct Arrived;
  struct Judged;
  /// What the delivery has said of the row before, and what of it contradicts the new one.
  Judged judge(const Arrived& arrived, const StandingPorts& ports) const;
  void add_repeats(const Arrived& arrived, const StandingPorts& ports, Judged& judged) const;
  void leave_unchanged(const Arrived& arrived, bool repeats_others, MarketEffects& effects);
  void store(const Arrived& arrived, MarketEffects& effects);
  void refuse(const Arrived& arrived, const Judged& judged, MarketEffects& effects);
  /// The table to be changed: copied first when a run in flight holds it.
  core::StandingData& writable();

  std::shared_ptr<core::StandingData> current_ = std::make_shared<core::StandingData>();
  absl::flat_hash_map<std::string, Newest> newest_;  // row key -> its newest version
  absl::flat_hash_set<std::string> contradicted_;    // row keys of which something is refused
  storage::Position newest_position_;
  std::uint64_t unchanged_ = 0, accepted_ = 0, refused_ = 0;
};

/// Rebuilds the standing data as of a position of the market journal: every version up to and
/// including it, in the order in which they came, without what was refused by then. Errors: damaged
/// (names the key), io.
tl::expected<core::StandingData, storage::Error> load_standing(const storage::Store::View& view,
                                                               storage::Position up_to_position);
/// The run dates as they count now. Errors: as above.
tl::expected<core::StandingData::RunDates, storage::Error> load_run_dates(
    const storage::Store::View& view);

}  // namespace hhgrid::actors
