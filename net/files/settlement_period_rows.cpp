#include "net/files/settlement_period_rows.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "core/text.hpp"

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

/// line_losses.csv: one row a period; adjacent rows of one distributor, class and day become one
/// entry, and what they say a second time of a period another: whether that is the same is for the
/// actor to judge.
class LineLossRows : public RowHandler {
 public:
  explicit LineLossRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const auto distributor = fields.distributor(distributor_column);
    const auto llfc = fields.value(llfc_column, &core::LlfcId::parse);
    const core::SettlementDay day{fields.day(date_column)};
    const int period = settlement_period(fields, context_, day, period_column);
    const auto factor = fields.decimal(factor_column, 3, 1, 0xFFFF);
    if (!fields.ok()) return fields.outcome();
    const auto slot = static_cast<std::size_t>(period - 1);
    const auto has = [&](const auto& losses) { return losses && losses->thousandths[slot] != 0; };
    if (first_ && (first_->distributor != distributor || first_->llfc != llfc ||
                   first_->day != day || has(second_)))
      finish();
    auto& losses = has(first_) ? second_ : first_;
    if (!losses) losses = storage::LineLosses{distributor, llfc, day, {}};
    losses->thousandths[slot] = static_cast<std::uint16_t>(factor);
    return {};
  }

  void finish() override {
    for (auto* const losses : {&first_, &second_}) {
      if (*losses) context_.emit_market(storage::encode_line_losses(**losses, context_.scratch()));
      losses->reset();
    }
  }

 private:
  enum : std::size_t { distributor_column, llfc_column, date_column, period_column, factor_column };
  static constexpr Column columns_[] = {
      {"distributor_id"}, {"llfc_id"}, {"settlement_date"}, {"settlement_period"}, {"llf"}};

  RowContext& context_;
  std::optional<storage::LineLosses> first_, second_;  // the neighbouring rows so far
};

core::Parsed<bool> parse_estimate_flag(std::string_view text) {
  if (text == "A") return false;
  if (text == "E") return true;
  return core::parse_failure(text, "is not a flag: A or E");
}

/// group_takes.csv: one row a period; adjacent rows of one GSP Group and day become entries as
/// those of line_losses.csv.
class GroupTakeRows : public RowHandler {
 public:
  explicit GroupTakeRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const auto group = fields.value(group_column, &core::GspGroup::parse);
    const core::SettlementDay day{fields.day(date_column)};
    const int period = settlement_period(fields, context_, day, period_column);
    // MWh with 6 decimals is Wh exactly.
    const auto energy_wh =
        fields.decimal(energy_column, 6, -storage::group_take_limit, storage::group_take_limit);
    const bool estimated = fields.optional_value(flag_column, &parse_estimate_flag).value_or(false);
    if (!fields.ok()) return fields.outcome();
    const auto slot = static_cast<std::size_t>(period - 1);
    const auto has = [&](const auto& taken) { return taken && taken->take.present[slot]; };
    if (first_ && (first_->gsp_group != group || first_->day != day || has(second_))) finish();
    auto& taken = has(first_) ? second_ : first_;
    if (!taken) taken = storage::GroupTake{group, day, {}};
    taken->take.present.set(slot);
    taken->take.estimated.set(slot, estimated);
    taken->take.energy_wh[slot] = energy_wh;
    return {};
  }

  void finish() override {
    for (auto* const taken : {&first_, &second_}) {
      if (*taken)
        context_.emit_gsp_group((*taken)->gsp_group,
                                storage::encode_group_take(**taken, context_.scratch()));
      taken->reset();
    }
  }

 private:
  enum : std::size_t { group_column, date_column, period_column, energy_column, flag_column };
  static constexpr Column columns_[] = {
      {"gsp_group_id"}, {"settlement_date"}, {"settlement_period"}, {"mwh"}, {"flag", false}};

  RowContext& context_;
  std::optional<storage::GroupTake> first_, second_;  // the neighbouring rows so far
};

}  // namespace

std::unique_ptr<RowHandler> line_loss_rows(RowContext& context) {
  return std::make_unique<LineLossRows>(context);
}
std::unique_ptr<RowHandler> group_take_rows(RowContext& context) {
  return std::make_unique<GroupTakeRows>(context);
}

}  // namespace hhgrid::net
