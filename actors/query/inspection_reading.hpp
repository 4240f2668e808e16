#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "actors/gsp/run_results.hpp"
#include "core/types.hpp"
#include "storage/store/provenance.hpp"
#include "storage/store/store.hpp"

/// The parts of inspect_json.
namespace hhgrid::actors::inspection {

using Json = nlohmann::ordered_json;

/// Carries an error from deep inside a description to inspect_json, which returns it; it never
/// leaves there. A description is dozens of reads, and any of them ends it.
struct ReadFailure : std::exception {
  explicit ReadFailure(storage::Error e) : error(std::move(e)) {}
  const char* what() const noexcept override { return error.text.c_str(); }
  storage::Error error;
};

/// What was read. Throws ReadFailure when it could not be.
template <class T>
T need(tl::expected<T, storage::Error> read) {
  if (!read) throw ReadFailure(std::move(read.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*read);
}

/// An empty object with room for `members`. Without it, an object that grows copies what it holds:
/// the keys of an ordered object are constant, so its members cannot move.
Json object_of(std::size_t members);

// -- texts --------------------------------------------------------------------------------------

std::string kwh(core::WattHours energy_wh);
/// 1e-9 as decimal text with 9 places.
std::string factor_text(std::int64_t factor);
/// Nothing (JSON null) for a day that is open.
Json day_json(std::int32_t day_number);
/// When UTC period `period` (1-based) of a day ends.
std::string period_end(core::UtcDay day, int period);
/// `1-14, 20` of a mask of UTC periods: bit p-1 is period p.
std::string periods_text(std::uint64_t mask);
/// An identifier, or null when it is not given.
template <class Id>
Json id_json(const Id& id) {
  return id.empty() ? Json() : Json(id.to_string());
}

// -- lists --------------------------------------------------------------------------------------

inline constexpr std::size_t items_max = 50;
/// `{"items": [...], "more": n}` of a list whose newest item stands last.
Json newest_items(std::size_t size, const std::function<Json(std::size_t)>& item);
Json newest_items(std::vector<Json> items);

// -- where a position comes from ------------------------------------------------------------------

/// What inspection says of where an entry came from.
class Provenance {
 public:
  explicit Provenance(const View& view) : blocks_(view) {}
  /// Valid until the next call. Throws ReadFailure when no block holds the position: the store is
  /// damaged.
  const storage::BlockOrigin& of(storage::Position position);
  /// Adds `position`, `received_at` and `source`.
  void describe(storage::Position position, Json& out);

 private:
  storage::Provenance blocks_;
};

// -- runs ---------------------------------------------------------------------------------------

/// The exceptions of a run that have this subject.
Json exceptions_json(const View& market, const RunInfo& run, std::string_view subject);
/// Run id, status and what it was asked for.
Json run_json(const RunInfo& run);
/// The latest settlement day with a run that satisfies `tells`; looks at most 400 such days back.
std::optional<core::SettlementDay> latest_run_day(const View& market,
                                                  const std::function<bool(const RunInfo&)>& tells);

}  // namespace hhgrid::actors::inspection
