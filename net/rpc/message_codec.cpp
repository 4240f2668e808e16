#include "net/rpc/message_codec.hpp"

#include <array>
#include <bit>

#include <fmt/format.h>

#include "core/meter_day.hpp"
#include "core/packing.hpp"
#include "core/quality.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {
namespace {

using storage::EntryScratch;
using storage::EntryWords;
using storage::Topology;
using Routed = tl::expected<RoutedEntry, std::string>;

// -- in -----------------------------------------------------------------------------------------

/// What the packing of values needs; the codec checks all else.
tl::expected<void, std::string> check_values(rpc::Consumption::Reader in) {
  const std::uint64_t present = in.getPresent();
  const auto values = in.getEnergyWh();
  if (present == 0 || (present & ~core::all_periods_mask) != 0)
    return tl::unexpected(
        fmt::format("present {:#x}: give at least one of the periods 1 to 48", present));
  if (values.size() != static_cast<unsigned>(std::popcount(present)))
    return tl::unexpected(fmt::format("energyWh has {} values for {} periods", values.size(),
                                      std::popcount(present)));
  for (unsigned i = 0; i < values.size(); ++i)
    if (values[i] > storage::reading_energy_max)
      return tl::unexpected(fmt::format("energyWh[{}] {}: a half hour has at most {} Wh", i,
                                        values[i], storage::reading_energy_max));
  return {};
}

/// ECS1011, as the files' readers refuse it.
tl::expected<void, std::string> check_zero_estimates(const storage::ConsumptionDay& day) {
  for (int period = 1; period <= core::periods_per_utc_day; ++period)
    if (day.has(period) && core::is_zero_estimate(day.quality_of(period)) &&
        day.energy_wh[static_cast<std::size_t>(period - 1)] != 0)
      return tl::unexpected(
          fmt::format("period {}: ECS1011 zero estimate that is not zero", period));
  return {};
}

EntryWords consumption_words(rpc::Consumption::Reader in, EntryScratch& scratch) {
  std::array<core::WattHours, core::periods_per_utc_day> values;
  const auto energy = in.getEnergyWh();
  for (unsigned i = 0; i < energy.size(); ++i) values[i] = energy[i];
  std::array<std::uint8_t, core::packed_size_max> packed;
  const std::size_t size = core::pack_values({values.data(), energy.size()}, packed);
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initConsumption();
    out.setMpan(in.getMpan());
    out.setUtcDay(in.getUtcDay());
    out.setPresentLow(static_cast<std::uint32_t>(in.getPresent()));
    out.setPresentHigh(static_cast<std::uint16_t>(in.getPresent() >> 32));
    out.setQuantity(static_cast<std::uint8_t>(in.getQuantity()));
    out.setQuality(in.getQuality());
    out.setValues(kj::arrayPtr(packed.data(), size));
    if (in.hasDetail()) out.setDetail(in.getDetail());
  });
}

/// The entry as `decode` understands it, or its sentence.
template <class Decode>
auto decoded(EntryWords words, Decode&& decode)
    -> tl::expected<typename std::invoke_result_t<Decode, schema::Entry::Reader>::value_type,
                    std::string> {
  storage::EntryView view(words);
  const auto entry = view.entry();
  if (!entry) return tl::unexpected(entry.error().text);
  return decode(*entry).map_error([](const storage::Error& error) { return error.text; });
}

Routed read_consumption(rpc::Consumption::Reader in, const Topology& topology,
                        EntryScratch& scratch) {
  if (auto checked = check_values(in); !checked) return tl::unexpected(checked.error());
  const EntryWords words = consumption_words(in, scratch);
  const auto day = decoded(words, storage::decode_consumption);
  if (!day) return tl::unexpected(day.error());
  if (auto checked = check_zero_estimates(*day); !checked) return tl::unexpected(checked.error());
  return RoutedEntry{topology.of(day->mpan), words};
}

template <class Set, class Decode>
Routed read_of_meter(const Topology& topology, EntryScratch& scratch, Set&& set, Decode&& decode) {
  const EntryWords words = scratch.build(set);
  const auto value = decoded(words, decode);
  if (!value) return tl::unexpected(value.error());
  return RoutedEntry{topology.of(value->mpan), words};
}

template <class Set, class Decode>
Routed read_of_market(const Topology& topology, EntryScratch& scratch, Set&& set, Decode&& decode) {
  const EntryWords words = scratch.build(set);
  if (const auto value = decoded(words, decode); !value) return tl::unexpected(value.error());
  return RoutedEntry{topology.market(), words};
}

Routed read_group_take(rpc::Message::Reader in, const Topology& topology, EntryScratch& scratch) {
  const EntryWords words =
      scratch.build([&](schema::Entry::Builder entry) { entry.setGroupTake(in.getGroupTake()); });
  const auto take = decoded(words, storage::decode_group_take);
  if (!take) return tl::unexpected(take.error());
  return RoutedEntry{topology.of(take->gsp_group), words};
}

Routed read_checked(rpc::Message::Reader in, const Topology& topology, EntryScratch& scratch) {
  using Entry = schema::Entry::Builder;
  switch (in.which()) {
    case rpc::Message::CONSUMPTION:
      return read_consumption(in.getConsumption(), topology, scratch);
    case rpc::Message::REGISTRATION:
      return read_of_meter(
          topology, scratch, [&](Entry out) { out.setRegistration(in.getRegistration()); },
          storage::decode_registration);
    case rpc::Message::ANNUAL_CONSUMPTION:
      return read_of_meter(
          topology, scratch,
          [&](Entry out) { out.setAnnualConsumption(in.getAnnualConsumption()); },
          storage::decode_annual_consumption);
    case rpc::Message::METER_REGISTER:
      return read_of_meter(
          topology, scratch, [&](Entry out) { out.setMeterRegister(in.getMeterRegister()); },
          storage::decode_meter_register);
    case rpc::Message::BMU:
      return read_of_market(
          topology, scratch, [&](Entry out) { out.setBmu(in.getBmu()); }, storage::decode_bmu);
    case rpc::Message::COMPONENT_CLASS:
      return read_of_market(
          topology, scratch, [&](Entry out) { out.setComponentClass(in.getComponentClass()); },
          storage::decode_component_class);
    case rpc::Message::LINE_LOSSES:
      return read_of_market(
          topology, scratch, [&](Entry out) { out.setLineLosses(in.getLineLosses()); },
          storage::decode_line_losses);
    case rpc::Message::DEFAULT_SHAPE:
      return read_of_market(
          topology, scratch, [&](Entry out) { out.setDefaultShape(in.getDefaultShape()); },
          storage::decode_default_shape);
    case rpc::Message::GROUP_TAKE:
      return read_group_take(in, topology, scratch);
    case rpc::Message::RUN_DATE:
      return read_of_market(
          topology, scratch, [&](Entry out) { out.setRunDate(in.getRunDate()); },
          storage::decode_run_date);
    case rpc::Message::BANK_HOLIDAY:
      return read_of_market(
          topology, scratch, [&](Entry out) { out.setBankHoliday(in.getBankHoliday()); },
          storage::decode_bank_holiday);
  }
  return tl::unexpected(fmt::format("message of kind {}: is none that this version knows",
                                    static_cast<unsigned>(in.which())));
}

// -- out ----------------------------------------------------------------------------------------

tl::expected<void, storage::Error> write_consumption(schema::Entry::Reader entry,
                                                     rpc::Consumption::Builder out) {
  const auto day = storage::decode_consumption(entry);
  if (!day) return tl::unexpected(day.error());
  const auto in = entry.getConsumption();
  out.setMpan(day->mpan.number());
  out.setUtcDay(day->day.value);
  out.setQuantity(static_cast<rpc::Consumption::Quantity>(day->quantity));
  out.setQuality(in.getQuality());
  out.setPresent(day->present);
  auto energy = out.initEnergyWh(static_cast<unsigned>(std::popcount(day->present)));
  unsigned n = 0;
  core::each_period(day->present, [&](std::size_t index) {
    energy.set(n++, static_cast<std::uint32_t>(day->energy_wh[index]));
  });
  if (in.hasDetail()) out.setDetail(in.getDetail());
  return {};
}

}  // namespace

Routed read_message(rpc::Message::Reader message, const Topology& topology, EntryScratch& scratch) {
  try {
    return read_checked(message, topology, scratch);
  } catch (const kj::Exception& e) {
    return tl::unexpected(std::string(e.getDescription().cStr()));
  }
}

tl::expected<void, storage::Error> write_message(EntryWords words, rpc::Message::Builder message) {
  storage::EntryView view(words);
  const auto read = view.entry();
  if (!read) return tl::unexpected(read.error());
  const schema::Entry::Reader entry = *read;
  switch (entry.which()) {
    case schema::Entry::CONSUMPTION:
      return write_consumption(entry, message.initConsumption());
    case schema::Entry::REGISTRATION:
      message.setRegistration(entry.getRegistration());
      return {};
    case schema::Entry::ANNUAL_CONSUMPTION:
      message.setAnnualConsumption(entry.getAnnualConsumption());
      return {};
    case schema::Entry::METER_REGISTER:
      message.setMeterRegister(entry.getMeterRegister());
      return {};
    case schema::Entry::BMU:
      message.setBmu(entry.getBmu());
      return {};
    case schema::Entry::COMPONENT_CLASS:
      message.setComponentClass(entry.getComponentClass());
      return {};
    case schema::Entry::LINE_LOSSES:
      message.setLineLosses(entry.getLineLosses());
      return {};
    case schema::Entry::DEFAULT_SHAPE:
      message.setDefaultShape(entry.getDefaultShape());
      return {};
    case schema::Entry::GROUP_TAKE:
      message.setGroupTake(entry.getGroupTake());
      return {};
    case schema::Entry::RUN_DATE:
      message.setRunDate(entry.getRunDate());
      return {};
    case schema::Entry::BANK_HOLIDAY:
      message.setBankHoliday(entry.getBankHoliday());
      return {};
    default:
      return tl::unexpected(storage::Error{
          storage::Errc::damaged, fmt::format("an entry of kind {} does not come from outside",
                                              static_cast<unsigned>(entry.which()))});
  }
}

}  // namespace hhgrid::net
