#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <absl/container/flat_hash_map.h>
#include <tl/expected.hpp>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "core/standing/standing_data.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// A standing-data snapshot that nobody changes any more.
using StandingSnapshot = std::shared_ptr<const core::StandingData>;

/// Industry Standing Data of the market partition: the newest as a table in memory, every version
/// in the store.
class StandingState {
 public:
  struct Fingerprint {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };

  /// Takes one entry of standing data. A repeat of the row's newest version changes nothing.
  /// Throws TurnFailure, before anything has changed, when a field does not hold.
  void turn(schema::Entry::Reader entry, kj::ArrayPtr<const capnp::word> bytes,
            const TurnContext& context, MarketEffects& effects);
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

 private:
  /// The table to be changed: copied first when a run in flight holds it.
  core::StandingData& writable();

  std::shared_ptr<core::StandingData> current_ = std::make_shared<core::StandingData>();
  absl::flat_hash_map<std::string, Fingerprint> newest_;  // row key -> its newest version
  storage::Position newest_position_;
  std::uint64_t unchanged_ = 0, accepted_ = 0;
};

/// Rebuilds the standing data as of a position of the market journal: every version up to and
/// including it, in the order in which they came. Errors: damaged (names the key), io.
tl::expected<core::StandingData, storage::Error> load_standing(const storage::Store::View& view,
                                                               storage::Position up_to_position);

}  // namespace hhgrid::actors
