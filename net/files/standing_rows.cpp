#include "net/files/standing_rows.hpp"

#include <array>

#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

class BmuRows : public RowHandler {
 public:
  explicit BmuRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const core::Bmu bmu{
        fields.value(0, &core::BmuId::parse), fields.value(1, &core::SupplierId::parse),
        fields.value(2, &core::GspGroup::parse), fields.boolean(3), fields.effective(4, 5)};
    if (!fields.ok()) return fields.outcome();
    context_.emit_market(storage::encode_bmu(bmu, context_.scratch()));
    return {};
  }

 private:
  static constexpr Column columns_[] = {{"bmu_id"},         {"supplier_id"},
                                        {"gsp_group_id"},   {"default_unit"},
                                        {"effective_from"}, {"effective_to", false}};
  RowContext& context_;
};

class ComponentClassRows : public RowHandler {
 public:
  explicit ComponentClassRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    core::ComponentClass out;
    out.ccc_id = static_cast<std::uint16_t>(fields.number(0, 1, storage::component_class_id_max));
    out.connection = fields.value(1, &core::parse_connection);
    out.quantity = fields.value(2, &core::parse_quantity);
    out.segment = fields.value(3, &core::parse_segment);
    out.indicator = fields.value(4, &core::parse_indicator);
    out.weight_hundredths =
        static_cast<std::int32_t>(fields.decimal(5, 2, 0, storage::weight_hundredths_max));
    out.effective = fields.effective(6, 7);
    if (!fields.ok()) return fields.outcome();
    context_.emit_market(storage::encode_component_class(out, context_.scratch()));
    return {};
  }

 private:
  static constexpr Column columns_[] = {
      {"ccc_id"},    {"connection_type"}, {"measurement_quantity"}, {"market_segment"},
      {"indicator"}, {"weight"},          {"effective_from"},       {"effective_to", false}};
  RowContext& context_;
};

class DefaultShapeRows : public RowHandler {
 public:
  explicit DefaultShapeRows(RowContext& context) : context_(context) {
    for (int p = 1; p <= core::periods_per_utc_day; ++p)
      columns_[first_period_column + p - 1] = {period_column_name(p)};
  }
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    core::DefaultShapeRow row;
    row.gsp_group = fields.optional_value(0, &core::GspGroup::parse);
    row.connection = fields.optional_value(1, &core::parse_connection);
    row.segment = fields.optional_value(2, &core::parse_segment);
    if (!fields.blank(3)) row.domestic = fields.boolean(3);
    row.quantity = fields.optional_value(4, &core::parse_quantity);
    row.day_type = fields.optional_value(5, &core::parse_day_type);
    for (std::size_t slot = 0; slot < core::periods_per_utc_day; ++slot)
      row.energy_wh[slot] = fields.energy(first_period_column + slot);
    if (!fields.ok()) return fields.outcome();
    context_.emit_market(storage::encode_default_shape(row, context_.scratch()));
    return {};
  }

 private:
  static constexpr std::size_t first_period_column = 6;
  RowContext& context_;
  std::array<Column, first_period_column + core::periods_per_utc_day> columns_ = {
      {{"gsp_group_id", false},
       {"connection_type", false},
       {"market_segment", false},
       {"domestic", false},
       {"measurement_quantity", false},
       {"day_type", false}}};
};

class RunDateRows : public RowHandler {
 public:
  explicit RunDateRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const storage::RunDateRow row{{fields.day(0)},
                                  fields.value(1, &core::parse_settlement_code),
                                  {fields.value(2, &core::parse_instant), fields.day(3)}};
    if (fields.ok() && row.run_date.cutoff.milliseconds < 0)
      fields.fail("cutoff_utc is not valid", 2, "a cut-off lies after 1970");
    if (!fields.ok()) return fields.outcome();
    context_.emit_market(storage::encode_run_date(row, context_.scratch()));
    return {};
  }

 private:
  static constexpr Column columns_[] = {
      {"settlement_date"}, {"settlement_code"}, {"cutoff_utc"}, {"run_date"}};
  RowContext& context_;
};

class BankHolidayRows : public RowHandler {
 public:
  explicit BankHolidayRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const storage::BankHoliday holiday{fields.day(0), std::string(fields.text(1))};
    if (holiday.name.size() > storage::bank_holiday_name_max)
      fields.fail("name is not valid", 1,
                  "it is longer than " + std::to_string(storage::bank_holiday_name_max) + " bytes");
    if (!fields.ok()) return fields.outcome();
    context_.emit_market(storage::encode_bank_holiday(holiday, context_.scratch()));
    return {};
  }

 private:
  static constexpr Column columns_[] = {{"date"}, {"name", false}};
  RowContext& context_;
};

}  // namespace

std::unique_ptr<RowHandler> bmu_rows(RowContext& context) {
  return std::make_unique<BmuRows>(context);
}
std::unique_ptr<RowHandler> component_class_rows(RowContext& context) {
  return std::make_unique<ComponentClassRows>(context);
}
std::unique_ptr<RowHandler> default_shape_rows(RowContext& context) {
  return std::make_unique<DefaultShapeRows>(context);
}
std::unique_ptr<RowHandler> run_date_rows(RowContext& context) {
  return std::make_unique<RunDateRows>(context);
}
std::unique_ptr<RowHandler> bank_holiday_rows(RowContext& context) {
  return std::make_unique<BankHolidayRows>(context);
}

}  // namespace hhgrid::net
