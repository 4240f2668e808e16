#include "net/files/registration_rows.hpp"

#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::net {
namespace {

core::Parsed<bool> parse_energisation(std::string_view text) {
  if (text == "E") return true;
  if (text == "D") return false;
  return core::parse_failure(text, "is not an energisation status: E or D");
}

core::Parsed<char> parse_annual_quality(std::string_view text) {
  if (text.size() == 1 &&
      storage::annual_consumption_qualities.find(text[0]) != std::string_view::npos)
    return text[0];
  return core::parse_failure(
      text, "is not a quality of an annual consumption: one of A, 1, 2, 3, 4, 5, D");
}

class RegistrationRows : public RowHandler {
 public:
  explicit RegistrationRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    storage::Registration row{
        fields.mpan(mpan), fields.effective(effective_from, effective_to), {}};
    core::Terms& terms = row.terms;
    terms.direction = fields.value(direction, &core::parse_direction);
    terms.gsp_group = fields.value(gsp_group, &core::GspGroup::parse);
    terms.distributor = fields.distributor(distributor);
    terms.supplier = fields.value(supplier, &core::SupplierId::parse);
    terms.bmu = fields.optional_identifier<core::BmuId>(bmu);
    terms.llfc = fields.value(llfc, &core::LlfcId::parse);
    terms.duos_tariff = fields.optional_identifier<core::DuosTariffId>(duos_tariff);
    terms.segment = fields.value(segment, &core::parse_segment);
    terms.connection = fields.value(connection, &core::parse_connection);
    terms.domestic = fields.boolean(domestic);
    terms.energised = fields.value(energisation, &parse_energisation);
    terms.data_service = fields.optional_identifier<core::DataServiceId>(data_service);
    if (!fields.ok()) return fields.outcome();
    context_.emit_meter(row.mpan, storage::encode_registration(row, context_.scratch()));
    return {};
  }

 private:
  enum : std::size_t {
    mpan,
    effective_from,
    effective_to,
    direction,
    gsp_group,
    distributor,
    supplier,
    bmu,
    llfc,
    duos_tariff,
    segment,
    connection,
    domestic,
    energisation,
    data_service
  };
  static constexpr Column columns_[] = {
      {"mpan"},         {"effective_from"},        {"effective_to", false},   {"direction"},
      {"gsp_group_id"}, {"distributor_id"},        {"supplier_id"},           {"bmu_id", false},
      {"llfc_id"},      {"duos_tariff_id", false}, {"market_segment"},        {"connection_type"},
      {"domestic"},     {"energisation"},          {"data_service_id", false}};
  RowContext& context_;
};

class AnnualConsumptionRows : public RowHandler {
 public:
  explicit AnnualConsumptionRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    const storage::AnnualConsumption row{
        fields.mpan(0), {fields.day(1)}, fields.energy(2), fields.value(3, &parse_annual_quality)};
    if (!fields.ok()) return fields.outcome();
    context_.emit_meter(row.mpan, storage::encode_annual_consumption(row, context_.scratch()));
    return {};
  }

 private:
  static constexpr Column columns_[] = {{"mpan"}, {"effective_from"}, {"kwh"}, {"quality"}};
  RowContext& context_;
};

class MeterRows : public RowHandler {
 public:
  explicit MeterRows(RowContext& context) : context_(context) {}
  std::span<const Column> columns() const override { return columns_; }

  RowOutcome row(const CsvReader& reader) override {
    RowFields fields(reader, columns_);
    storage::MeterRegister row{
        .mpan = fields.mpan(mpan),
        .meter_id = fields.value(meter_id, &core::MeterSerialId::parse),
        .register_id = fields.optional_identifier<core::RegisterId>(register_id),
        .quantity = fields.optional_value(quantity, &core::parse_quantity)
                        .value_or(core::MeasurementQuantity::active_import),
        .role =
            fields.optional_value(role, &core::parse_meter_role).value_or(core::MeterRole::main),
        .installed_at = fields.instant(installed_at)};
    if (!fields.blank(removed_at)) {
      row.removed_at = fields.instant(removed_at);
      if (fields.ok() && row.removed_at < row.installed_at)
        fields.fail("removed_at is not valid", removed_at,
                    "the meter is removed before it is fitted");
    }
    if (!fields.blank(maximum_kwh)) {
      row.maximum_wh = fields.energy(maximum_kwh, storage::reading_energy_max);
      if (fields.ok() && row.maximum_wh == 0)
        fields.fail("maximum_kwh is not valid", maximum_kwh, "it must be above 0");
    }
    if (!fields.ok()) return fields.outcome();
    context_.emit_meter(row.mpan, storage::encode_meter_register(row, context_.scratch()));
    return {};
  }

 private:
  enum : std::size_t {
    mpan,
    meter_id,
    installed_at,
    removed_at,
    register_id,
    quantity,
    role,
    maximum_kwh
  };
  static constexpr Column columns_[] = {{"mpan"},
                                        {"meter_id"},
                                        {"installed_at"},
                                        {"removed_at", false},
                                        {"register_id", false},
                                        {"measurement_quantity", false},
                                        {"role", false},
                                        {"maximum_kwh", false},
                                        {"digits", false, false},
                                        {"multiplier", false, false},
                                        {"register_kind", false, false},
                                        {"technology", false, false},
                                        {"code_of_practice", false, false},
                                        {"accuracy_class", false, false},
                                        {"off_peak_first", false, false},
                                        {"off_peak_last", false, false}};
  RowContext& context_;
};

}  // namespace

std::unique_ptr<RowHandler> registration_rows(RowContext& context) {
  return std::make_unique<RegistrationRows>(context);
}
std::unique_ptr<RowHandler> annual_consumption_rows(RowContext& context) {
  return std::make_unique<AnnualConsumptionRows>(context);
}

std::unique_ptr<RowHandler> meter_rows(RowContext& context) {
  return std::make_unique<MeterRows>(context);
}

}  // namespace hhgrid::net
