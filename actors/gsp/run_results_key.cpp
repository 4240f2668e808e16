#include "actors/gsp/run_results_key.hpp"

#include "storage/store/shape_group_key.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors::run_key {
namespace {

using storage::KeyWriter;

std::string ended(std::string_view text) { return std::string(text) + '\0'; }

}  // namespace

std::string day_run(core::SettlementDay day, std::uint32_t number) {
  return day_prefix(day) + KeyWriter().u32(number).str();
}

std::string input(std::uint32_t run, std::uint8_t which, storage::PartitionId partition) {
  return prefix(input_tag, run) + KeyWriter().u8(which).u16(partition).str();
}

std::string shape(std::uint32_t run, core::UtcDay day, const core::ShapeGroup& group) {
  return prefix(shape_tag, run) + KeyWriter().day(day.value).str() +
         storage::shape_group_key(group);
}

std::string factor(std::uint32_t run, core::GspGroup gsp_group) {
  return prefix(factor_tag, run) + ended(gsp_group.to_string());
}

std::string exceptions(std::uint32_t run, std::uint32_t n) {
  return prefix(exceptions_tag, run) + KeyWriter().u32(n).str();
}

std::string unsettled(std::uint32_t run) { return prefix(unsettled_tag, run); }

std::string request(std::uint64_t request_id) {
  return KeyWriter().tag(request_tag).u64(request_id).str();
}

std::string component(std::uint32_t run, core::GspGroup gsp_group,
                      const core::Component& component) {
  return prefix(component_tag, run) + ended(gsp_group.to_string()) +
         ended(component.supplier.view()) + ended(component.bmu.view()) +
         KeyWriter()
             .u16(component.ccc_id)
             .u8(storage::number(component.quantity))
             .u8(storage::number(component.indicator))
             .day(component.weight_hundredths)
             .str();
}

std::string duos(std::uint32_t run, const DuosVolume& volume) {
  return prefix(duos_tag, run) + ended(volume.gsp_group.to_string()) +
         KeyWriter().u8(volume.distributor).str() + ended(volume.supplier.view()) +
         ended(volume.duos_tariff.view()) +
         KeyWriter().u8(storage::number(volume.direction)).u8(volume.domestic).str();
}

std::string_view Parts::text() {
  const auto end = rest_.find('\0');
  if (end == std::string_view::npos) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view value = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return value;
}

}  // namespace hhgrid::actors::run_key
