#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/host/repeat.hpp"
#include "core/types.hpp"

namespace hhgrid::actors {

/// What a meter has been told again: of a UTC day and quantity, or with which first day.
struct RepeatSubject {
  enum class Kind : char { consumption = 'c', registration = 'r', annual_consumption = 'a' };
  Kind kind{};
  std::int32_t day = 0;  ///< UTC day of a consumption, else effective_from.
  std::uint64_t mpan = 0;
  core::MeasurementQuantity quantity{};  ///< Of a consumption.
};

/// A repeat leaves a trace; or it has become a version, and leaves none any more.
struct RepeatChange {
  RepeatSubject subject;
  Repeat repeat;
  bool is_version = false;
};

/// The repeats of a partition's meters, in the store and of the block being applied.
class MeterRepeats {
 public:
  /// Errors: damaged, newer_format, io.
  tl::expected<void, storage::Error> load(const storage::Store& store);
  /// In journal order. Valid until the next call. Throws StoreFailure.
  std::span<const Repeat> of(const storage::Store& store, const RepeatSubject& subject);
  void change(const RepeatChange& change);
  /// Puts what the block has changed.
  void write(storage::Commit& commit);

 private:
  bool any_ = false;                                             // or nobody has to look
  std::map<std::string, std::optional<std::uint64_t>> changes_;  // parts by key; nothing: gone
  std::vector<Repeat> found_;
};

/// Throws StoreFailure: what should have been said before the repeat is not there.
[[noreturn]] void throw_repeat_of_nothing(const RepeatSubject& subject, const Repeat& repeat);
/// The begin of the keys of a subject's records, to be continued with the position.
storage::KeyWriter repeats_key(const RepeatSubject& subject);

}  // namespace hhgrid::actors
