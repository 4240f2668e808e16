#include "net/files/consumption_rows.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::net {
namespace {

using core::periods_per_utc_day;
using storage::ConsumptionDay;

constexpr std::int64_t half_hour_milliseconds = 30 * 60 * 1000;

const char* zero_estimate_reason = "ECS1011 zero estimate that is not zero";
const char* zero_estimate_text = "a quality of type ZE needs the value 0";

/// A day and a UTC period in it, from the instant at which the period ends.
struct PeriodOfDay {
  core::UtcDay day;
  int period = 1;
};

/// The period that ends at 00:00Z is number 48 of the day before.
PeriodOfDay period_that_ends(core::Instant end) {
  const std::int64_t start =
      end.milliseconds / half_hour_milliseconds - 1;  // half hours since 1970; days are 1990 on
  return {{static_cast<std::int32_t>(start / periods_per_utc_day)},
          static_cast<int>(start % periods_per_utc_day) + 1};
}

core::Parsed<std::uint8_t> parse_estimation_reason(std::string_view text) {
  const auto number = core::parse_decimal(text, 0);
  if (number && 1 <= *number && *number <= storage::estimation_reason_max)
    return static_cast<std::uint8_t>(*number);
  return core::parse_failure(text, "is not an estimation reason: 1 to 10");
}

core::Parsed<char> parse_amendment_reason(std::string_view text) {
  if (text.size() == 1 && storage::amendment_reason_letters.find(text[0]) != std::string_view::npos)
    return text[0];
  return core::parse_failure(text, "is not an amendment reason: one of A, E, M, R, S, T, X");
}

// -- consumption.csv ----------------------------------------------------------

/// One row a period; adjacent rows of one meter, quantity and UTC day become one entry, and what
/// they say a second time of a period another: whether that is the same is for the meter to judge.
class ConsumptionRows : public RowHandler {
 public:
  explicit ConsumptionRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const auto mpan = fields.mpan(mpan_column);
    const auto quantity = fields.value(quantity_column, &core::parse_quantity);
    const auto end = fields.value(period_end_column, &core::parse_instant);
    if (fields.ok() && end.milliseconds % half_hour_milliseconds != 0)
      fields.fail("ECS1005 period end not aligned", period_end_column,
                  "a period ends on the hour or the half hour");
    const auto at = period_that_ends(end);
    if (fields.ok() && !core::SettlementCalendar::covers(at.day.value))
      fields.fail("period_end_utc is not valid", period_end_column,
                  "the settlement calendar does not cover that day");
    const auto energy_wh = fields.energy(energy_column, storage::reading_energy_max);
    const auto quality = fields.value(quality_column, &core::parse_quality);
    const auto estimation =
        fields.optional_value(estimation_column, &parse_estimation_reason).value_or(0);
    const auto amendment =
        fields.optional_value(amendment_column, &parse_amendment_reason).value_or(0);
    if (fields.ok() && core::is_zero_estimate(quality) && energy_wh != 0)
      fields.fail(zero_estimate_reason, energy_column, zero_estimate_text);
    if (!fields.ok()) return fields.outcome();

    if (first_ && (first_->mpan != mpan || first_->quantity != quantity || first_->day != at.day ||
                   (second_ && second_->has(at.period))))
      finish();
    auto& day = first_ && first_->has(at.period) ? second_ : first_;
    if (!day) begin(mpan, quantity, at.day, day);
    const auto slot = static_cast<std::size_t>(at.period - 1);
    day->present |= std::uint64_t{1} << slot;
    day->energy_wh[slot] = energy_wh;
    day->detail->qualities[slot] = quality;
    day->detail->estimation_reasons[slot] = estimation;
    day->detail->amendment_reasons[slot] = amendment;
    return {};
  }

  void finish() override {
    for (auto* const day : {&first_, &second_}) {
      if (!*day) continue;
      context_.emit_meter((*day)->mpan, storage::encode_consumption(**day, context_.scratch()));
      day->reset();
    }
  }

 private:
  enum : std::size_t {
    mpan_column,
    quantity_column,
    period_end_column,
    energy_column,
    quality_column,
    estimation_column,
    amendment_column
  };
  static constexpr Column columns_[] = {
      {"mpan"},    {"measurement_quantity"},     {"period_end_utc"},         {"kwh"},
      {"quality"}, {"estimation_reason", false}, {"amendment_reason", false}};

  static void begin(core::Mpan mpan, core::MeasurementQuantity quantity, core::UtcDay day,
                    std::optional<ConsumptionDay>& out) {
    out.emplace(mpan);
    out->quantity = quantity;
    out->day = day;
    out->detail.emplace();
  }

  RowContext& context_;
  std::optional<ConsumptionDay> first_, second_;  // the neighbouring rows so far
};

// -- consumption_wide.csv -----------------------------------------------------

/// Takes a period out of a day.
void clear(ConsumptionDay& day, std::size_t slot) {
  day.present &= ~(std::uint64_t{1} << slot);
  day.energy_wh[slot] = 0;
  if (!day.detail) return;
  day.detail->qualities[slot] = {};
  day.detail->estimation_reasons[slot] = 0;
  day.detail->amendment_reasons[slot] = 0;
}

/// One row a meter, quantity and UTC day.
class ConsumptionWideRows : public RowHandler {
 public:
  explicit ConsumptionWideRows(RowContext& context) : context_(context) {
    for (int p = 1; p <= periods_per_utc_day; ++p)
      columns_[first_period_column + p - 1] = {period_column_name(p)};
  }
  std::span<const Column> columns() const override { return columns_; }

  /// A fault of the meter, the day or the row rejects the row; a fault of one half hour that half
  /// hour.
  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    ConsumptionDay day(fields.mpan(mpan_column));
    day.quantity = fields.value(quantity_column, &core::parse_quantity);
    day.day = {fields.day(day_column)};
    const auto quality = fields.text(quality_column);
    const bool one_quality = quality.find('|') == std::string_view::npos;
    if (one_quality) {
      day.quality = fields.value(quality_column, &core::parse_quality);
    } else if (std::count(quality.begin(), quality.end(), '|') != periods_per_utc_day - 1) {
      fields.fail("quality is not valid", quality_column,
                  "it needs one code or 48 codes separated by '|'");
    }
    if (!fields.ok()) return fields.outcome();
    std::vector<RowError> errors;
    read_energy(fields, day, errors);
    if (!fields.ok()) return fields.outcome();
    if (!one_quality) read_qualities(fields, day, quality, errors);
    check_zero_estimates(fields, day, errors);
    if (day.present != 0)
      context_.emit_meter(day.mpan, storage::encode_consumption(day, context_.scratch()));
    return {std::move(errors)};
  }

 private:
  enum : std::size_t {
    mpan_column,
    quantity_column,
    day_column,
    quality_column,
    first_period_column
  };

  static void read_energy(RowFields& fields, ConsumptionDay& day, std::vector<RowError>& errors) {
    bool any = false;
    for (std::size_t slot = 0; slot < periods_per_utc_day; ++slot) {
      const std::size_t column = first_period_column + slot;
      if (fields.blank(column)) continue;
      any = true;
      const auto energy_wh = fields.energy(column, storage::reading_energy_max);
      if (!fields.ok()) {
        errors.push_back(fields.take_error());
        continue;
      }
      day.present |= std::uint64_t{1} << slot;
      day.energy_wh[slot] = energy_wh;
    }
    if (!any) fields.fail("no period given", first_period_column, "every period is blank");
  }

  /// 48 codes; those of absent periods may be blank.
  static void read_qualities(RowFields& fields, ConsumptionDay& day, std::string_view text,
                             std::vector<RowError>& errors) {
    day.detail.emplace();
    for (std::size_t slot = 0; slot < periods_per_utc_day; ++slot) {
      const auto code = text.substr(0, text.find('|'));
      text.remove_prefix(std::min(text.size(), code.size() + 1));
      const int period = static_cast<int>(slot) + 1;
      if (!day.has(period)) continue;
      const auto quality = core::parse_quality(code);
      if (quality) {
        day.detail->qualities[slot] = *quality;
        continue;
      }
      fields.fail("quality is not valid", quality_column,
                  "period " + std::to_string(period) + ": " + quality.error().text);
      errors.push_back(fields.take_error());
      clear(day, slot);
    }
  }

  static void check_zero_estimates(RowFields& fields, ConsumptionDay& day,
                                   std::vector<RowError>& errors) {
    if (!day.detail && !core::is_zero_estimate(day.quality)) return;
    for (std::size_t slot = 0; slot < periods_per_utc_day; ++slot) {
      const int period = static_cast<int>(slot) + 1;
      const bool is_fault = day.has(period) && core::is_zero_estimate(day.quality_of(period)) &&
                            day.energy_wh[slot] != 0;
      if (!is_fault) continue;
      fields.fail(zero_estimate_reason, first_period_column + slot, zero_estimate_text);
      errors.push_back(fields.take_error());
      clear(day, slot);
    }
  }

  RowContext& context_;
  std::array<Column, first_period_column + periods_per_utc_day> columns_ = {
      {{"mpan"}, {"measurement_quantity"}, {"utc_day"}, {"quality"}}};
};

}  // namespace

std::unique_ptr<RowHandler> consumption_rows(RowContext& context) {
  return std::make_unique<ConsumptionRows>(context);
}
std::unique_ptr<RowHandler> consumption_wide_rows(RowContext& context) {
  return std::make_unique<ConsumptionWideRows>(context);
}

}  // namespace hhgrid::net
