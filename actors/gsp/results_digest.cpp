#include "actors/gsp/results_digest.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include <xxhash.h>

#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {
namespace {

/// Feeds canonical bytes to the hash: the same on every machine.
class Canonical {
 public:
  Canonical() : state_(XXH64_createState()) { XXH64_reset(state_.get(), 0); }
  Canonical& tag(char tag) {
    XXH64_update(state_.get(), &tag, 1);
    return *this;
  }
  Canonical& text(std::string_view text) {
    XXH64_update(state_.get(), text.data(), text.size());
    return tag('\0');
  }
  Canonical& number(std::int64_t value) {
    std::array<std::uint8_t, 8> bytes;
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
    XXH64_update(state_.get(), bytes.data(), bytes.size());
    return *this;
  }
  template <class Array>
  Canonical& numbers(const Array& values) {
    for (const auto value : values) number(static_cast<std::int64_t>(value));
    return *this;
  }
  std::uint64_t value() const { return XXH64_digest(state_.get()); }

 private:
  struct Free {
    void operator()(XXH64_state_t* state) const { XXH64_freeState(state); }
  };
  std::unique_ptr<XXH64_state_t, Free> state_;
};

void add(Canonical& out, const core::Component& component) {
  out.tag('C').text(component.supplier.view()).text(component.bmu.view()).number(component.ccc_id);
  out.number(storage::number(component.quantity)).number(storage::number(component.indicator));
  out.number(component.weight_hundredths).number(component.msid_count);
  out.numbers(component.uncorrected_wh).numbers(component.corrected_wh);
  out.numbers(component.actual_wh).numbers(component.defaulted_wh);
}

void add(Canonical& out, const core::GroupSettlement& group) {
  out.tag('G').text(group.gsp_group.to_string()).number(group.period_count);
  out.numbers(group.group_take_wh).numbers(group.uncorrected_wh).numbers(group.gcf_import);
  out.numbers(group.gcf_export).numbers(group.residual_wh);
  for (const auto& component : group.components) add(out, component);
  for (const auto& bmu : group.bmus)
    out.tag('B')
        .text(bmu.supplier.view())
        .text(bmu.bmu.view())
        .numbers(bmu.import_wh)
        .numbers(bmu.export_wh);
}

void add(Canonical& out, const GroupDayShape& value) {
  const core::Shape& shape = value.shape;
  out.tag('S').number(value.day.value).text(value.group.to_string());
  out.numbers(shape.energy_wh).numbers(shape.flag).numbers(shape.count);
  out.number(shape.day_total)
      .number(shape.day_peak)
      .number(shape.day_off_peak)
      .number(shape.rolling_7_day);
  out.number(shape.rolling_7_day_peak)
      .number(shape.rolling_7_day_off_peak)
      .number(shape.rolling_annual);
}

template <class T, class Less>
std::vector<const T*> sorted(const std::vector<T>& values, Less less) {
  std::vector<const T*> pointers;
  pointers.reserve(values.size());
  for (const T& value : values) pointers.push_back(&value);
  std::sort(pointers.begin(), pointers.end(), [&](const T* a, const T* b) { return less(*a, *b); });
  return pointers;
}

}  // namespace

std::uint64_t group_digest(const core::GroupSettlement& settlement) {
  Canonical out;
  add(out, settlement);
  return out.value();
}

std::uint64_t results_digest(std::vector<GroupDigest> groups,
                             const std::vector<GroupDayShape>& shapes) {
  Canonical out;
  std::sort(groups.begin(), groups.end(),
            [](const GroupDigest& a, const GroupDigest& b) { return a.gsp_group < b.gsp_group; });
  const auto by_day = [](const GroupDayShape& a, const GroupDayShape& b) {
    return std::tie(a.day, a.group) < std::tie(b.day, b.group);
  };
  for (const GroupDigest& group : groups)
    out.tag('G').text(group.gsp_group.to_string()).number(static_cast<std::int64_t>(group.digest));
  for (const auto* shape : sorted(shapes, by_day)) add(out, *shape);
  return out.value();
}

}  // namespace hhgrid::actors
