#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "actors/host/market_effects.hpp"
#include "actors/host/reply.hpp"
#include "actors/standing/standing_row.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

/// Parts of a stored version of a row that count no longer from the position `by` on: the entry
/// there came in the same delivery and says something else (ECS1006). It is refused itself, too.
struct StandingRefusal {
  storage::Position by, version;
  RowParts parts = 0;
};

/// Where they are kept: Family::actor, this tag, the key of the row, `by`.
inline constexpr std::string_view standing_refusal_tag = "x";
std::string standing_refusal_key(std::string_view row_key, storage::Position by);
std::string standing_refusal_record(const std::vector<StandingRefusal>& refused);

/// Why, in a sentence.
inline constexpr std::string_view standing_refusal_sentence =
    "The delivery says two things of it: none of them counts.";
/// What whoever asked for a row's turn is answered.
Reply standing_reply(const MarketEffects& effects);

/// What is refused of the versions of some rows.
class StandingRefusals {
 public:
  void add(const StandingRefusal& refusal) {
    of_version_[refusal.version].emplace_back(refusal.by, refusal.parts);
  }
  /// Reads a record under its key; returns the key of its row. Errors: damaged, newer_format.
  tl::expected<std::string, storage::Error> add(std::string_view key, std::string_view value,
                                                const storage::Where& where);
  /// What is refused of a version as of a position.
  RowParts of(storage::Position version,
              storage::Position up_to = storage::Position::greatest()) const;
  bool empty() const { return of_version_.empty(); }
  const auto& versions() const { return of_version_; }

 private:
  std::map<storage::Position, std::vector<std::pair<storage::Position, RowParts>>> of_version_;
};

}  // namespace hhgrid::actors
