#pragma once

#include <cstdint>

namespace hhgrid::core {

/// Number of a rule set: everything by which a partition's state follows from its journal and that
/// is neither in an entry nor in state, such as the days on which clocks change. A partition's
/// state holds the number it folds by, and only an entry changes it; so what was settled stays as
/// it was whatever a later program knows.
using RuleSet = std::uint16_t;

inline constexpr RuleSet first_rule_set = 1;
/// This program folds the rule sets from the first to this one.
inline constexpr RuleSet newest_rule_set = 1;

/// Rule set 1: so many messages of one partition wait for one participant; later ones are counted
/// and not kept.
inline constexpr std::uint64_t participant_messages_max = 1'000'000;
/// And so many for all participants together.
inline constexpr std::uint64_t waiting_messages_max = 10'000'000;

}  // namespace hhgrid::core
