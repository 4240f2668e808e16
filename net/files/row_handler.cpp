#include "net/files/row_handler.hpp"

#include <array>
#include <string>

#include "core/assertion.hpp"
#include "net/files/consumption_rows.hpp"
#include "net/files/registration_rows.hpp"
#include "net/files/settlement_period_rows.hpp"
#include "net/files/standing_rows.hpp"

namespace hhgrid::net {

std::unique_ptr<RowHandler> make_row_handler(FileKind kind, RowContext& context) {
  switch (kind) {
    case FileKind::bank_holidays:
      return bank_holiday_rows(context);
    case FileKind::bmus:
      return bmu_rows(context);
    case FileKind::component_classes:
      return component_class_rows(context);
    case FileKind::line_losses:
      return line_loss_rows(context);
    case FileKind::default_shapes:
      return default_shape_rows(context);
    case FileKind::group_takes:
      return group_take_rows(context);
    case FileKind::run_dates:
      return run_date_rows(context);
    case FileKind::registrations:
      return registration_rows(context);
    case FileKind::annual_consumption:
      return annual_consumption_rows(context);
    case FileKind::meters:
      return meter_rows(context);
    case FileKind::consumption:
      return consumption_rows(context);
    case FileKind::consumption_wide:
      return consumption_wide_rows(context);
    default:
      break;
  }
  HHGRID_ASSERT(is_supported(kind), to_string(kind));
  return nullptr;
}

std::string_view period_column_name(int period) {
  static constexpr auto names = [] {
    std::array<std::array<char, 4>, core::periods_per_utc_day> texts{};
    for (int p = 1; p <= core::periods_per_utc_day; ++p) {
      auto& text = texts[static_cast<std::size_t>(p - 1)];
      text[0] = 'p';
      if (p < 10) {
        text[1] = static_cast<char>('0' + p);
      } else {
        text[1] = static_cast<char>('0' + p / 10);
        text[2] = static_cast<char>('0' + p % 10);
      }
    }
    return texts;
  }();
  return names[static_cast<std::size_t>(period - 1)].data();
}

}  // namespace hhgrid::net
