#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/gsp/group_volumes.hpp"
#include "core/types.hpp"
#include "storage/store/key.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors::run_key {

// Keys of Family::run. Every one begins with a tag that says what it holds.
// In the market partition:
inline constexpr char run_tag = 'r', day_tag = 'y', input_tag = 'i', shape_tag = 's',
                      exceptions_tag = 'e', unsettled_tag = 'o', request_tag = 'q';
// In a GSP Group's partition:
inline constexpr char order_tag = 'g', component_tag = 'c', factor_tag = 'f', duos_tag = 'u';
/// Which of a partition's messages an input record is.
inline constexpr std::uint8_t sums_input = 0, defaults_input = 1, settled_input = 2;

/// What all records of one kind of a run begin with.
inline std::string prefix(char tag, std::uint32_t run) {
  return storage::KeyWriter().tag(tag).u32(run).str();
}
/// Index: the runs of a settlement day.
inline std::string day_prefix(core::SettlementDay day) {
  return storage::KeyWriter().tag(day_tag).day(day.value).str();
}

inline std::string run(std::uint32_t number) { return prefix(run_tag, number); }
std::string day_run(core::SettlementDay day, std::uint32_t number);
std::string input(std::uint32_t run, std::uint8_t which, storage::PartitionId partition);
std::string shape(std::uint32_t run, core::UtcDay day, const core::ShapeGroup& group);
std::string factor(std::uint32_t run, core::GspGroup gsp_group);
/// The n-th part of a run's exceptions.
std::string exceptions(std::uint32_t run, std::uint32_t n);
/// Index: runs in flight or held.
std::string unsettled(std::uint32_t run);
/// Index: the run that a request asked for.
std::string request(std::uint64_t request_id);
inline std::string order(std::uint32_t run) { return prefix(order_tag, run); }
/// After the class id stand what else tells components apart when standing data gives one id to
/// unlike classes.
std::string component(std::uint32_t run, core::GspGroup gsp_group,
                      const core::Component& component);
std::string duos(std::uint32_t run, const DuosVolume& volume);

/// Reads the parts after the prefix. A text in these keys ends in a zero byte, not a length, so
/// that keys are in the order of the texts.
class Parts {
 public:
  Parts(std::string_view key, std::size_t prefix_size) : rest_(key.substr(prefix_size)) {}
  /// An identifier or GSP Group; makes the key bad when it is none. An empty text is the empty
  /// value.
  template <class Id>
  Id id() {
    const std::string_view value = text();
    if (value.empty()) return {};
    const auto parsed = Id::parse(value);
    if (!parsed) ok_ = false;
    return parsed ? *parsed : Id{};
  }
  std::uint8_t u8() { return number(&storage::KeyReader::u8); }
  std::uint16_t u16() { return number(&storage::KeyReader::u16); }
  std::uint32_t u32() { return number(&storage::KeyReader::u32); }
  std::int32_t i32() { return number(&storage::KeyReader::day); }
  /// True when everything read was there and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  std::string_view text();
  template <class T>
  T number(T (storage::KeyReader::*read)()) {
    storage::KeyReader reader(rest_);
    const T value = (reader.*read)();
    ok_ = ok_ && reader.ok();
    rest_.remove_prefix(std::min(rest_.size(), sizeof(T)));
    return value;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace hhgrid::actors::run_key
