#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/meter/version_key.hpp"
#include "core/meter_day.hpp"
#include "core/rule_set.hpp"
#include "core/validation/refusal.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using core::all_periods_mask;
using core::MeterDay;

/// What one version says of another of its meter-day: from here on these half hours of it are
/// refused, and no others. So a value that counted is withdrawn, or one that was refused counts.
struct Judgement {
  storage::Position position;
  std::uint16_t n = 0;
  core::RefusedPeriods refused;
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// The rules that make versions.
enum class DerivationRule : std::uint16_t {
  contradiction = 1,   ///< A delivery has said two things of a half hour (ECS1006).
  registration = 2,    ///< A registration has changed what governs the day (ECS1008, ECS1012).
  meter_register = 3,  ///< A register has changed the meter's own limit (ECS1012).
};

/// Where a version comes from that no message brought: the rule, and what it rests on.
struct Derivation {
  DerivationRule rule{};
  core::RuleSet rule_set = 0;  ///< That the partition folded by.
  std::vector<storage::Position> positions;
  friend bool operator==(const Derivation&, const Derivation&) = default;
};

/// One stored version of a meter-day.
struct StoredVersion {
  VersionKey key;
  MeterDay values;               ///< As they came, refused ones too.
  core::RefusedPeriods refused;  ///< Of its own half hours, when it was taken.
  std::vector<Judgement> judgements;
  std::optional<Derivation> derived;  ///< Nothing: a message brought it.
};

/// The record of a version that is not plain.
std::string version_record(const StoredVersion& version);
/// One stored version in either form, with its key held against its content. Errors: damaged,
/// newer_format, naming path, key and cause.
tl::expected<StoredVersion, storage::Error> read_version(const VersionKey& key,
                                                         std::string_view bytes,
                                                         const std::string& where);

/// Which half hours of a version are refused, as records hold it; reading throws on a code or
/// periods that there are not.
void write_refused(
    const core::RefusedPeriods& refused,
    const std::function<capnp::List<schema::RefusedPeriods>::Builder(unsigned)>& init);
core::RefusedPeriods read_refused(capnp::List<schema::RefusedPeriods>::Reader list);

}  // namespace hhgrid::actors
