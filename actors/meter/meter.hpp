#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include "actors/meter/register_version.hpp"
#include "actors/meter/seldom.hpp"
#include "actors/meter/terms_table.hpp"
#include "core/quality.hpp"
#include "core/types.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/block.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// One registration as it came in; kept for ever, so that any past run can be recomputed.
struct RegistrationVersion {
  core::SettlementDay from, to;
  TermsId terms = 0;
  /// Which of the meter's versions, from 1 on, says something else of the same effective_from in
  /// the same delivery (ECS1006): from that one's position on this one counts no longer. Itself: it
  /// never counted. 0: none.
  std::uint32_t contradicted_by = 0;
  storage::Position position;

  bool is_contradicted() const { return contradicted_by != 0; }
};

struct AnnualConsumptionVersion {
  std::int32_t from = 0;  ///< Day number, UTC.
  char quality = 'A';
  /// As of a registration; so few, since the state of a meter is small.
  std::uint16_t contradicted_by = 0;
  core::WattHours energy_wh = 0;
  storage::Position position;

  bool is_contradicted() const { return contradicted_by != 0; }
};

/// What few meters have.
struct SeldomState {
  std::uint32_t failures = 0;  ///< Turns that ended in the dead letters.
  storage::Position failed_position;
  std::vector<RegisterVersion> registers;  ///< In journal order.
};

/// The state of a meter actor beside its consumption versions. A few dozen bytes: there are tens of
/// millions.
struct MeterState {
  std::uint32_t number = 0;  ///< Dense per partition: the meter's bit in presence maps.
  Seldom<SeldomState> seldom;
  absl::InlinedVector<RegistrationVersion, 1> registrations;            ///< In journal order.
  absl::InlinedVector<AnnualConsumptionVersion, 1> annual_consumption;  ///< In journal order.

  const std::vector<RegisterVersion>& registers() const { return seldom->registers; }

  /// Bytes of this state, heap included.
  std::size_t memory_bytes() const;
};

/// When the entries of a journal were received: of each block that anything points to its first
/// position, in order, and when it was received.
using ReceivedTimes = std::vector<std::pair<storage::Position, core::Instant>>;

/// Says which versions existed as of a cut-off: those at or before `position` that were received at
/// or before `cutoff`.
class AsOf {
 public:
  /// Everything.
  AsOf() : everything_(true) {}
  using ReceivedAt = std::function<core::Instant(storage::Position)>;
  AsOf(storage::Position position, core::Instant cutoff, ReceivedAt received_at)
      : position_(position), cutoff_(cutoff), received_at_(std::move(received_at)) {}
  /// For scans of many versions: decides once for each stretch of positions instead of once for
  /// each version.
  AsOf(storage::Position position, core::Instant cutoff, const ReceivedTimes& received);
  /// For many meters when the blocks that were received after the cut-off are known.
  using Blocks = absl::flat_hash_set<storage::BlockNumber>;
  AsOf(storage::Position position, core::Instant cutoff, std::shared_ptr<const Blocks> later)
      : position_(position), cutoff_(cutoff), later_(std::move(later)) {}
  bool holds(storage::Position position) const {
    if (everything_) return true;
    if (later_) return position <= position_ && !later_->contains(position.block());
    if (received_at_) return position <= position_ && received_at_(position) <= cutoff_;
    return position <= position_ && in_stretch(position);
  }

  core::Instant cutoff() const { return cutoff_; }

 private:
  bool in_stretch(storage::Position position) const {
    const auto after = std::upper_bound(
        stretches_.begin(), stretches_.end(), position,
        [](storage::Position p, const auto& stretch) { return p < stretch.first; });
    return after != stretches_.begin() && position < std::prev(after)->second;
  }

  bool everything_ = false;
  storage::Position position_;
  core::Instant cutoff_;
  ReceivedAt received_at_;
  std::shared_ptr<const Blocks> later_;
  std::vector<std::pair<storage::Position, storage::Position>>
      stretches_;  // first that holds and the one after the last
};

/// Everything. Made once: every reading asks what governs its day.
inline const AsOf as_of_now;

/// A stretch of settlement days with the same terms.
struct TermsSpan {
  core::SettlementDay from, to;
  TermsId terms = 0;
  friend bool operator==(const TermsSpan&, const TermsSpan&) = default;
};

/// The registrations that count as of then, by effective_from: of several with the same the one
/// received last.
std::vector<RegistrationVersion> counting_registrations(const MeterState& meter,
                                                        const AsOf& as_of = as_of_now);
/// The registration that governs a settlement day, or null: of those that cover it the one with the
/// greatest effective_from; of several with the same, the one received last. So the order in which
/// registrations arrive does not matter.
const RegistrationVersion* governing_registration(const MeterState& meter, core::SettlementDay day,
                                                  const AsOf& as_of = as_of_now);
/// Its terms.
std::optional<TermsId> governing_terms(const MeterState& meter, core::SettlementDay day,
                                       const AsOf& as_of = as_of_now);
/// The same over all days: disjoint, in order, neighbours with equal terms joined.
std::vector<TermsSpan> terms_spans(const MeterState& meter, const AsOf& as_of = as_of_now);
/// Whether a version held as of then, and nothing of its delivery contradicted it.
template <class Version, class Versions>
bool stood(const Versions& versions, const Version& version, const AsOf& as_of) {
  return as_of.holds(version.position) &&
         !(version.is_contradicted() &&
           as_of.holds(versions.at(version.contradicted_by - 1u).position));
}

/// `arithmetic.md` 4: the latest effective_from not after the UTC day; of several the one received
/// last.
std::optional<core::WattHours> annual_consumption(const MeterState& meter, core::UtcDay day,
                                                  const AsOf& as_of = as_of_now);

/// The record of a meter and back; `where` names the store in errors.
std::string meter_record(const MeterState& meter);
MeterState read_meter(schema::MeterRecord::Reader record);
tl::expected<MeterState, storage::Error> read_meter_record(std::string_view bytes,
                                                           const storage::Where& where);
std::string meter_key(core::Mpan mpan);
inline constexpr std::string_view meter_key_prefix = "m";
inline constexpr storage::Table<schema::MeterRecord> meter_records(storage::Family::actor,
                                                                   meter_key_prefix);

}  // namespace hhgrid::actors
