#include "core/decimal.hpp"
#include "core/text.hpp"
#include "net/files/row_handler.hpp"

namespace hhgrid::net {
namespace {

/// Reads a settlement date and a period of it; the period is checked against the day's length. 1
/// when not valid.
int settlement_period(RowFields& fields, const RowContext& context, core::SettlementDay day,
                      std::size_t column) {
  const auto period = fields.number(column, 1, core::settlement_periods_max);
  if (!fields.ok()) return 1;
  const int count = context.calendar().period_count(day);
  if (period > count)
    fields.fail("settlement_period is not valid", column,
                "that day has " + std::to_string(count) + " periods");
  return static_cast<int>(period);
}

void fail_repeated(RowFields& fields, std::size_t column) {
  fields.fail("period given twice", column, "the rows before give that period already");
}

/// line_losses.csv: one row a period; adjacent rows of one distributor, class and day become one
/// entry.
class LineLossRows : public RowHandler {
 public:
  explicit LineLossRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  std::optional<RowError> row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const auto distributor = fields.distributor(distributor_column);
    const auto llfc = fields.value(llfc_column, &core::LlfcId::parse);
    const core::SettlementDay day{fields.day(date_column)};
    const int period = settlement_period(fields, context_, day, period_column);
    const auto factor = fields.decimal(factor_column, 3, 1, 0xFFFF);
    if (!fields.ok()) return fields.error();
    if (group_ &&
        (group_->distributor != distributor || group_->llfc != llfc || group_->day != day))
      finish();
    if (!group_) group_ = storage::LineLosses{distributor, llfc, day, {}};
    auto& slot = group_->thousandths[static_cast<std::size_t>(period - 1)];
    if (slot != 0) {
      fail_repeated(fields, period_column);
      return fields.error();
    }
    slot = static_cast<std::uint16_t>(factor);
    return std::nullopt;
  }

  void finish() override {
    if (group_) context_.emit_market(storage::encode_line_losses(*group_, context_.scratch()));
    group_.reset();
  }

 private:
  enum : std::size_t { distributor_column, llfc_column, date_column, period_column, factor_column };
  static constexpr Column columns_[] = {
      {"distributor_id"}, {"llfc_id"}, {"settlement_date"}, {"settlement_period"}, {"llf"}};
  RowContext& context_;
  std::optional<storage::LineLosses> group_;
};

core::Parsed<bool> parse_estimate_flag(std::string_view text) {
  if (text == "A") return false;
  if (text == "E") return true;
  return core::parse_failure(text, "is not a flag: A or E");
}

/// group_takes.csv: one row a period; adjacent rows of one GSP Group and day become one entry.
class GroupTakeRows : public RowHandler {
 public:
  explicit GroupTakeRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  std::optional<RowError> row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const auto group = fields.value(group_column, &core::GspGroup::parse);
    const core::SettlementDay day{fields.day(date_column)};
    const int period = settlement_period(fields, context_, day, period_column);
    // MWh with 6 decimals is Wh exactly.
    const auto energy_wh =
        fields.decimal(energy_column, 6, -storage::energy_limit, storage::energy_limit);
    const bool estimated = fields.optional_value(flag_column, &parse_estimate_flag).value_or(false);
    if (!fields.ok()) return fields.error();
    if (take_ && (take_->gsp_group != group || take_->day != day)) finish();
    if (!take_) take_ = storage::GroupTake{group, day, {}};
    const auto slot = static_cast<std::size_t>(period - 1);
    if (take_->take.present[slot]) {
      fail_repeated(fields, period_column);
      return fields.error();
    }
    take_->take.present.set(slot);
    take_->take.estimated.set(slot, estimated);
    take_->take.energy_wh[slot] = energy_wh;
    return std::nullopt;
  }

  void finish() override {
    if (take_) context_.emit_market(storage::encode_group_take(*take_, context_.scratch()));
    take_.reset();
  }

 private:
  enum : std::size_t { group_column, date_column, period_column, energy_column, flag_column };
  static constexpr Column columns_[] = {
      {"gsp_group_id"}, {"settlement_date"}, {"settlement_period"}, {"mwh"}, {"flag", false}};
  RowContext& context_;
  std::optional<storage::GroupTake> take_;
};

}  // namespace

std::unique_ptr<RowHandler> line_loss_rows(RowContext& context) {
  return std::make_unique<LineLossRows>(context);
}
std::unique_ptr<RowHandler> group_take_rows(RowContext& context) {
  return std::make_unique<GroupTakeRows>(context);
}

}  // namespace hhgrid::net
