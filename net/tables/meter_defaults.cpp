#include "net/tables/meter_defaults.hpp"

#include <bit>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include "actors/meter/run_shapes.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::net {
namespace {

using Visit = std::function<void(const MeterDefault&)>;

/// Reads one meter's record; throws (within read_record) when it does not hold.
void visit_meter(MeterDefault value, schema::MeterDefaults::Reader record, const Visit& visit) {
  for (const auto day : record.getDays()) {
    const auto energy = day.getEnergyWh();
    const auto flags = day.getFlags();
    const auto count = static_cast<unsigned>(std::popcount(day.getPresent()));
    if (energy.size() != count || flags.size() != count)
      throw std::runtime_error(
          fmt::format("{} periods, {} energies, {} flags", count, energy.size(), flags.size()));
    value.utc_day = core::UtcDay{day.getUtcDay()};
    unsigned n = 0;
    for (std::uint64_t rest = day.getPresent(); rest != 0; rest &= rest - 1, ++n) {
      value.period_index = std::countr_zero(rest);
      value.energy_wh = energy[n];
      value.load_shape_flag = static_cast<char>(flags[n]);
      visit(value);
    }
  }
}

}  // namespace

tl::expected<void, storage::Error> for_each_default(const MeterStores& stores,
                                                    std::uint32_t run_number, const Visit& visit) {
  std::optional<storage::Error> failure;
  auto scanned = stores.scan_prefix(
      storage::Family::run, actors::defaults_prefix(run_number),
      [&](std::size_t partition, std::string_view key, std::string_view bytes) {
        const auto where = stores.where(partition) + " run " + storage::printable_key(key);
        const auto of = actors::read_defaults_key(key);
        if (!of)
          return failure = storage::Error{storage::Errc::damaged, where + ": bad key"}, false;
        const MeterDefault value{of->mpan, of->quantity};
        const auto read =
            storage::read_record<schema::MeterDefaults>(bytes, where, [&](auto record) {
              visit_meter(value, record, visit);
              return true;
            });
        if (!read) return failure = read.error(), false;
        return true;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

}  // namespace hhgrid::net
