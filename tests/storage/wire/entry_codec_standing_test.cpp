#include "tests/storage/wire/entry_codec_case.hpp"

namespace hhgrid::storage {
namespace {

using core::Mpan;

core::Terms some_terms() {
  core::Terms terms;
  terms.supplier = *core::SupplierId::parse("EDFE");
  terms.gsp_group = *core::GspGroup::parse("_C");
  terms.distributor = 12;
  terms.llfc = *core::LlfcId::parse("1");
  terms.data_service = *core::DataServiceId::parse("SDS01");
  terms.direction = core::Direction::export_;
  terms.segment = core::MarketSegment::advanced;
  terms.connection = core::ConnectionType::high_voltage;
  terms.domestic = true;
  terms.energised = false;
  return terms;
}

TEST(EntryCodecStanding, ARegistrationComesBackAsItWas) {
  EntryScratch scratch;
  const Registration registration{Mpan::from_number(mpan_digits), {{15000}, {15100}}, some_terms()};
  EntryView view(encode_registration(registration, scratch));
  const auto decoded = decode_registration(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->mpan, registration.mpan);
  EXPECT_EQ(decoded->effective, registration.effective);
  EXPECT_EQ(decoded->terms, registration.terms);
}

TEST(EntryCodecStanding, ARegistrationThatEndsBeforeItBeginsIsDamage) {
  EntryScratch scratch;
  EntryView view(encode_registration(
      {Mpan::from_number(mpan_digits), {{15000}, {14999}}, some_terms()}, scratch));
  expect_damaged(decode_registration(*view.entry()).error(), "effectiveTo", "14999");
}

TEST(EntryCodecStanding, ARegistrationWithoutASupplierIsDamage) {
  EntryScratch scratch;
  auto terms = some_terms();
  terms.supplier = {};
  EntryView view(encode_registration(
      {Mpan::from_number(mpan_digits), {{15000}, core::open_ended}, terms}, scratch));
  expect_damaged(decode_registration(*view.entry()).error(), "supplier", "\"\"");
}

TEST(EntryCodecStanding, AnAnnualConsumptionComesBackAsItWas) {
  EntryScratch scratch;
  EntryView view(encode_annual_consumption(
      {Mpan::from_number(mpan_digits), {15000}, 3'100'000, '4'}, scratch));
  const auto decoded = decode_annual_consumption(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->mpan.number(), mpan_digits);
  EXPECT_EQ(decoded->effective_from.value, 15000);
  EXPECT_EQ(decoded->energy_wh, 3'100'000);
  EXPECT_EQ(decoded->quality, '4');
}

TEST(EntryCodecStanding, ANegativeAnnualConsumptionIsDamage) {
  EntryScratch scratch;
  EntryView view(
      encode_annual_consumption({Mpan::from_number(mpan_digits), {15000}, -1, 'A'}, scratch));
  expect_damaged(decode_annual_consumption(*view.entry()).error(), "energyWh", "-1");
}

TEST(EntryCodecStanding, AnUnknownQualityOfAnAnnualConsumptionIsDamage) {
  EntryScratch scratch;
  EntryView view(
      encode_annual_consumption({Mpan::from_number(mpan_digits), {15000}, 1, 'Z'}, scratch));
  expect_damaged(decode_annual_consumption(*view.entry()).error(), "quality", "90");
}

MeterRegister some_register() {
  return {.mpan = Mpan::from_number(mpan_digits),
          .meter_id = *core::MeterSerialId::parse("E10BG12345"),
          .register_id = *core::RegisterId::parse("02"),
          .quantity = core::MeasurementQuantity::active_export,
          .role = core::MeterRole::check,
          .installed_at = {1'700'000'123'000},
          .removed_at = {1'750'000'456'000},
          .maximum_wh = 400};
}

TEST(EntryCodecStanding, AMeterRegisterComesBackAsItWas) {
  EntryScratch scratch;
  const auto fitted = some_register();
  EntryView view(encode_meter_register(fitted, scratch));
  const auto decoded = decode_meter_register(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->mpan, fitted.mpan);
  EXPECT_EQ(decoded->meter_id, fitted.meter_id);
  EXPECT_EQ(decoded->register_id, fitted.register_id);
  EXPECT_EQ(decoded->quantity, fitted.quantity);
  EXPECT_EQ(decoded->role, fitted.role);
  EXPECT_EQ(decoded->installed_at, fitted.installed_at);
  EXPECT_EQ(decoded->removed_at, fitted.removed_at);
  EXPECT_EQ(decoded->maximum_wh, fitted.maximum_wh);
}

TEST(EntryCodecStanding, AMeterRegisterMayBeAloneFittedStillAndWithoutAMaximum) {
  EntryScratch scratch;
  auto fitted = some_register();
  fitted.register_id = {};
  fitted.removed_at = MeterRegister::still_fitted;
  fitted.maximum_wh = 0;
  EntryView view(encode_meter_register(fitted, scratch));
  const auto decoded = decode_meter_register(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_TRUE(decoded->register_id.empty());
  EXPECT_EQ(decoded->removed_at, MeterRegister::still_fitted);
  EXPECT_EQ(decoded->maximum_wh, 0);
}

TEST(EntryCodecStanding, AMeterRegisterThatIsRemovedBeforeItIsFittedIsDamage) {
  EntryScratch scratch;
  auto fitted = some_register();
  fitted.removed_at = {fitted.installed_at.milliseconds - 1};
  EntryView view(encode_meter_register(fitted, scratch));
  expect_damaged(decode_meter_register(*view.entry()).error(), "removedAt", "1700000122999");
}

TEST(EntryCodecStanding, AMaximumBeyondEveryReadingIsDamage) {
  EntryScratch scratch;
  for (const core::WattHours maximum : {core::WattHours{-1}, reading_energy_max + 1}) {
    auto fitted = some_register();
    fitted.maximum_wh = maximum;
    EntryView view(encode_meter_register(fitted, scratch));
    expect_damaged(decode_meter_register(*view.entry()).error(), "maximumWh",
                   std::to_string(maximum));
  }
}

TEST(EntryCodecStanding, AnInstallationThatTheCalendarDoesNotCoverIsDamage) {
  EntryScratch scratch;
  auto fitted = some_register();
  fitted.installed_at = {-1};
  EntryView view(encode_meter_register(fitted, scratch));
  expect_damaged(decode_meter_register(*view.entry()).error(), "installedAt", "-1");
}

TEST(EntryCodecStanding, ABmuComesBackAsItWas) {
  EntryScratch scratch;
  const core::Bmu bmu{*core::BmuId::parse("2__CEDFE000"),
                      *core::SupplierId::parse("EDFE"),
                      *core::GspGroup::parse("_C"),
                      true,
                      {{14000}, core::open_ended}};
  EntryView view(encode_bmu(bmu, scratch));
  const auto decoded = decode_bmu(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->id, bmu.id);
  EXPECT_EQ(decoded->supplier, bmu.supplier);
  EXPECT_EQ(decoded->gsp_group, bmu.gsp_group);
  EXPECT_EQ(decoded->default_unit, bmu.default_unit);
  EXPECT_EQ(decoded->effective, bmu.effective);
}

TEST(EntryCodecStanding, AComponentClassComesBackAsItWas) {
  EntryScratch scratch;
  const core::ComponentClass of{160,
                                core::ConnectionType::whole_current,
                                core::MeasurementQuantity::active_export,
                                core::MarketSegment::unmetered,
                                core::Indicator::losses,
                                130,
                                {{14000}, {14001}}};
  EntryView view(encode_component_class(of, scratch));
  const auto decoded = decode_component_class(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->ccc_id, 160);
  EXPECT_EQ(decoded->connection, of.connection);
  EXPECT_EQ(decoded->quantity, of.quantity);
  EXPECT_EQ(decoded->segment, of.segment);
  EXPECT_EQ(decoded->indicator, of.indicator);
  EXPECT_EQ(decoded->weight_hundredths, 130);
  EXPECT_EQ(decoded->effective, of.effective);
}

TEST(EntryCodecStanding, AComponentClassIdOverThreeDigitsIsDamage) {
  EntryScratch scratch;
  core::ComponentClass of;
  of.ccc_id = 1000;
  EntryView view(encode_component_class(of, scratch));
  expect_damaged(decode_component_class(*view.entry()).error(), "cccId", "1000");
}

TEST(EntryCodecStanding, LineLossesOfADayComeBackWithTheirGaps) {
  EntryScratch scratch;
  LineLosses losses{12, *core::LlfcId::parse("001"), {15790}, {}};
  losses.thousandths[0] = 1078;
  losses.thousandths[49] = 984;
  EntryView view(encode_line_losses(losses, scratch));
  const auto decoded = decode_line_losses(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->distributor, 12);
  EXPECT_EQ(decoded->llfc, losses.llfc);
  EXPECT_EQ(decoded->day, losses.day);
  EXPECT_EQ(decoded->thousandths, losses.thousandths);
}

TEST(EntryCodecStanding, MoreThanFiftyLineLossFactorsAreDamage) {
  EntryScratch scratch;
  EntryView view(scratch.build([](schema::Entry::Builder entry) {
    auto out = entry.initLineLosses();
    out.setLlfc("001");
    out.setSettlementDay(15790);
    out.initThousandths(51);
  }));
  expect_damaged(decode_line_losses(*view.entry()).error(), "thousandths", "51");
}

TEST(EntryCodecStanding, ADefaultShapeComesBackWithWhatItLeavesOpen) {
  EntryScratch scratch;
  core::DefaultShapeRow row;
  row.connection = core::ConnectionType::low_voltage;
  row.domestic = false;
  row.day_type = core::DayType::bank_holiday;
  row.energy_wh[47] = 512;
  EntryView view(encode_default_shape(row, scratch));
  const auto decoded = decode_default_shape(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_FALSE(decoded->gsp_group);
  EXPECT_EQ(decoded->connection, row.connection);
  EXPECT_FALSE(decoded->segment);
  EXPECT_EQ(decoded->domestic, row.domestic);
  EXPECT_FALSE(decoded->quantity);
  EXPECT_EQ(decoded->day_type, row.day_type);
  EXPECT_EQ(decoded->energy_wh, row.energy_wh);
}

TEST(EntryCodecStanding, AGroupTakeComesBackWithItsMasks) {
  EntryScratch scratch;
  GroupTake take{*core::GspGroup::parse("_P"), {15790}, {}};
  take.take.energy_wh[0] = -123'456;
  take.take.energy_wh[45] = 987'654'321;
  take.take.present.set(0).set(45);
  take.take.estimated.set(45);
  EntryView view(encode_group_take(take, scratch));
  const auto decoded = decode_group_take(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->gsp_group, take.gsp_group);
  EXPECT_EQ(decoded->day, take.day);
  EXPECT_EQ(decoded->take.energy_wh, take.take.energy_wh);
  EXPECT_EQ(decoded->take.present, take.take.present);
  EXPECT_EQ(decoded->take.estimated, take.take.estimated);
}

TEST(EntryCodecStanding, AGroupTakeThatMarksAbsentPeriodsAsEstimatedIsDamage) {
  EntryScratch scratch;
  GroupTake take{*core::GspGroup::parse("_P"), {15790}, {}};
  take.take.present.set(0);
  take.take.estimated.set(1);
  EntryView view(encode_group_take(take, scratch));
  expect_damaged(decode_group_take(*view.entry()).error(), "estimated", "2");
}

TEST(EntryCodecStanding, ARunDateComesBackAsItWas) {
  EntryScratch scratch;
  EntryView view(
      encode_run_date({{15790}, core::SettlementCode::df, {{1'700'000'000'123}, 16000}}, scratch));
  const auto decoded = decode_run_date(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->day.value, 15790);
  EXPECT_EQ(decoded->code, core::SettlementCode::df);
  EXPECT_EQ(decoded->run_date.cutoff.milliseconds, 1'700'000'000'123);
  EXPECT_EQ(decoded->run_date.run_day, 16000);
}

TEST(EntryCodecStanding, ABankHolidayComesBackAsItWas) {
  EntryScratch scratch;
  EntryView view(encode_bank_holiday({15790, "Early May bank holiday"}, scratch));
  const auto decoded = decode_bank_holiday(*view.entry());
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->day_number, 15790);
  EXPECT_EQ(decoded->name, "Early May bank holiday");
}

}  // namespace
}  // namespace hhgrid::storage
