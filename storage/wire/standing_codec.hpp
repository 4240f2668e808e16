#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "core/allocation/settle.hpp"
#include "core/standing/standing_data.hpp"
#include "core/types.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

struct LineLosses {
  std::uint8_t distributor = 0;
  core::LlfcId llfc;
  core::SettlementDay day;
  core::LineLossDay thousandths{};  ///< By settlement period - 1; 0 = not given.
};

struct GroupTake {
  core::GspGroup gsp_group;
  core::SettlementDay day;
  core::GroupTakeDay take;
};

struct RunDateRow {
  core::SettlementDay day;
  core::SettlementCode code{};
  core::RunDate run_date;
};

struct BankHoliday {
  std::int32_t day_number = 0;
  std::string name;  ///< At most bank_holiday_name_max bytes.
};
inline constexpr std::size_t bank_holiday_name_max = 100;
/// Largest magnitude of a GSP Group Take: 10^15 Wh, far above any real one.
inline constexpr core::WattHours group_take_limit = 1'000'000'000'000'000;
inline constexpr std::uint16_t component_class_id_max = 999;  // DI-303
inline constexpr std::int32_t weight_hundredths_max = 9999;   // DI-325: format 2.2

EntryWords encode_bmu(const core::Bmu& bmu, EntryScratch& scratch);
EntryWords encode_component_class(const core::ComponentClass& component_class,
                                  EntryScratch& scratch);
EntryWords encode_line_losses(const LineLosses& losses, EntryScratch& scratch);
EntryWords encode_default_shape(const core::DefaultShapeRow& row, EntryScratch& scratch);
EntryWords encode_group_take(const GroupTake& take, EntryScratch& scratch);
EntryWords encode_run_date(const RunDateRow& row, EntryScratch& scratch);
EntryWords encode_bank_holiday(const BankHoliday& holiday, EntryScratch& scratch);

tl::expected<core::Bmu, Error> decode_bmu(schema::Entry::Reader entry);
tl::expected<core::ComponentClass, Error> decode_component_class(schema::Entry::Reader entry);
tl::expected<LineLosses, Error> decode_line_losses(schema::Entry::Reader entry);
tl::expected<core::DefaultShapeRow, Error> decode_default_shape(schema::Entry::Reader entry);
tl::expected<GroupTake, Error> decode_group_take(schema::Entry::Reader entry);
tl::expected<RunDateRow, Error> decode_run_date(schema::Entry::Reader entry);
tl::expected<BankHoliday, Error> decode_bank_holiday(schema::Entry::Reader entry);

}  // namespace hhgrid::storage
