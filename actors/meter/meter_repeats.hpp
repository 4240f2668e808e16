#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <roaring/roaring.hh>

#include "actors/host/repeat.hpp"
#include "actors/meter/register_version.hpp"
#include "core/types.hpp"

namespace hhgrid::actors {

/// What a meter has been told again: of a UTC day and quantity, or with which first day.
struct RepeatSubject {
  enum class Kind : char {
    consumption = 'c',
    registration = 'r',
    annual_consumption = 'a',
    meter_register = 'm'
  };
  Kind kind{};
  /// UTC day of a consumption, or on which the register was fitted; else effective_from.
  std::int32_t day = 0;
  core::Mpan mpan = core::Mpan::unchecked(0);
  core::MeasurementQuantity quantity{};                       ///< Of a consumption or a register.
  std::optional<RegisterVersion::Key> fitted = std::nullopt;  ///< Of a register.
};

/// Whose repeats are wanted: of the delivery at hand, or of everybody.
enum class RepeatsOf : std::uint8_t { delivery, all };

/// Who has been told what again.
struct MeterRepeat {
  RepeatSubject subject;
  Repeat repeat;
};

/// The repeats of a partition's meters, in the store and of the block being applied.
class MeterRepeats {
 public:
  /// Errors: damaged, newer_format, io.
  tl::expected<void, storage::Error> load(const storage::Store& store);
  /// In journal order. Valid until the next call. Throws StoreFailure.
  std::span<const Repeat> of(const storage::Store& store, const RepeatSubject& subject);
  /// Those of them for which `keep` is true.
  template <class Keep>
  std::span<const Repeat> of(const storage::Store& store, const RepeatSubject& subject,
                             Keep&& keep) {
    of(store, subject);
    std::erase_if(found_, [&](const Repeat& repeat) { return !keep(repeat); });
    return found_;
  }
  /// Whether the delivery that began with that block has repeated anything of the subject, whose
  /// meter has that number. Tells without reading; only of the delivery that has repeated last.
  bool has_repeated(storage::BlockNumber began, const RepeatSubject& subject,
                    std::uint32_t meter) const;
  /// `began`: of the delivery at hand, when that is known.
  void add(const MeterRepeat& repeat, std::uint32_t meter,
           std::optional<storage::BlockNumber> began);
  /// It has become a version.
  void erase(const MeterRepeat& repeat);
  /// Puts what the block has changed.
  void write(storage::Commit& commit);

 private:
  bool any_ = false;                                             // or nobody has to look
  std::map<std::string, std::optional<std::uint64_t>> changes_;  // parts by key; nothing: gone
  std::vector<Repeat> found_;
  /// By kind, day and quantity the meters of which the delivery has repeated something.
  using Subjects =
      std::map<std::tuple<RepeatSubject::Kind, std::int32_t, core::MeasurementQuantity>, Roaring>;
  std::optional<storage::BlockNumber> began_;
  Subjects of_delivery_;
};

/// Throws StoreFailure: what should have been said before the repeat is not there.
[[noreturn]] void throw_repeat_of_nothing(const RepeatSubject& subject, const Repeat& repeat);
/// The begin of the keys of a subject's records, to be continued with the position.
storage::KeyWriter repeats_key(const RepeatSubject& subject);

}  // namespace hhgrid::actors
