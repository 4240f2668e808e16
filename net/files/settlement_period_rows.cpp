#include "net/files/settlement_period_rows.hpp"

#include <algorithm>

#include "core/decimal.hpp"
#include "core/text.hpp"
#include "net/files/period_rows.hpp"

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

/// Which of two values is right nobody can say: neither is taken (ECS1006). The actor is told of
/// both, so that it refuses what the delivery says of the period elsewhere.
RowError contradiction(const CsvReader& reader, std::size_t column, const std::string& whose) {
  return {
      "ECS1006 period given twice", "settlement_period", std::string(reader.field(column)),
      whose + ": neighbouring rows say different things of the period, and none of them is taken"};
}

/// line_losses.csv: one row a period; adjacent rows of one distributor, class and day become one
/// entry.
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
    if (group_ && (group_->distributor != distributor || group_->llfc != llfc ||
                   group_->day != day || rows_.full()))
      finish();
    if (!group_) group_ = storage::LineLosses{distributor, llfc, day, {}};
    const auto slot = static_cast<std::size_t>(period - 1);
    auto& thousandths = group_->thousandths[slot];
    if (rows_.has(slot) && (rows_.contradicted(slot) || thousandths != factor)) {
      if (!rows_.contradicted(slot)) emit(slot, thousandths);
      emit(slot, static_cast<std::uint16_t>(factor));
      thousandths = 0;
      return rows_.contradict(slot, contradiction(reader, period_column,
                                                  "class " + group_->llfc.to_string() + " on " +
                                                      core::format_day(day.value)));
    }
    rows_.keep(slot, reader.line_number(), reader.record());
    thousandths = static_cast<std::uint16_t>(factor);
    return {};
  }

  void finish() override {
    const auto given = [](std::uint16_t factor) { return factor != 0; };
    if (group_ && std::any_of(group_->thousandths.begin(), group_->thousandths.end(), given))
      context_.emit_market(storage::encode_line_losses(*group_, context_.scratch()));
    group_.reset();
    rows_.clear();
  }

 private:
  enum : std::size_t { distributor_column, llfc_column, date_column, period_column, factor_column };
  static constexpr Column columns_[] = {
      {"distributor_id"}, {"llfc_id"}, {"settlement_date"}, {"settlement_period"}, {"llf"}};
  /// One period of the group.
  void emit(std::size_t slot, std::uint16_t factor) {
    storage::LineLosses one{group_->distributor, group_->llfc, group_->day, {}};
    one.thousandths[slot] = factor;
    context_.emit_market(storage::encode_line_losses(one, context_.scratch()));
  }

  RowContext& context_;
  std::optional<storage::LineLosses> group_;
  PeriodRows rows_;
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
    if (take_ && (take_->gsp_group != group || take_->day != day || rows_.full())) finish();
    if (!take_) take_ = storage::GroupTake{group, day, {}};
    const auto slot = static_cast<std::size_t>(period - 1);
    auto& take = take_->take;
    const bool same = take.energy_wh[slot] == energy_wh && take.estimated[slot] == estimated;
    if (rows_.has(slot) && (rows_.contradicted(slot) || !same)) {
      if (!rows_.contradicted(slot)) emit(slot, take.energy_wh[slot], take.estimated[slot]);
      emit(slot, energy_wh, estimated);
      put(take, slot, false, 0, false);
      return rows_.contradict(slot, contradiction(reader, period_column,
                                                  "GSP Group " + group.to_string() + " on " +
                                                      core::format_day(day.value)));
    }
    rows_.keep(slot, reader.line_number(), reader.record());
    put(take, slot, true, energy_wh, estimated);
    return {};
  }

  void finish() override {
    if (take_ && take_->take.present.any())
      context_.emit_gsp_group(take_->gsp_group,
                              storage::encode_group_take(*take_, context_.scratch()));
    take_.reset();
    rows_.clear();
  }

 private:
  enum : std::size_t { group_column, date_column, period_column, energy_column, flag_column };
  static constexpr Column columns_[] = {
      {"gsp_group_id"}, {"settlement_date"}, {"settlement_period"}, {"mwh"}, {"flag", false}};
  static void put(core::GroupTakeDay& take, std::size_t slot, bool present,
                  core::WattHours energy_wh, bool estimated) {
    take.present.set(slot, present);
    take.estimated.set(slot, estimated);
    take.energy_wh[slot] = energy_wh;
  }
  /// One period of the group's day.
  void emit(std::size_t slot, core::WattHours energy_wh, bool estimated) {
    storage::GroupTake one{take_->gsp_group, take_->day, {}};
    put(one.take, slot, true, energy_wh, estimated);
    context_.emit_gsp_group(one.gsp_group, storage::encode_group_take(one, context_.scratch()));
  }

  RowContext& context_;
  std::optional<storage::GroupTake> take_;
  PeriodRows rows_;
};

}  // namespace

std::unique_ptr<RowHandler> line_loss_rows(RowContext& context) {
  return std::make_unique<LineLossRows>(context);
}
std::unique_ptr<RowHandler> group_take_rows(RowContext& context) {
  return std::make_unique<GroupTakeRows>(context);
}

}  // namespace hhgrid::net
