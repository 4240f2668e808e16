#include "core/decimal.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

const std::string header =
    "mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,bmu_id,"
    "llfc_id,duos_tariff_id,"
    "market_segment,connection_type,domestic,energisation,data_service_id\n";
const std::string good_row =
    "1012345678903,2012-01-01,,I,_C,12,EDFE,2__CEDFE001,1,LPN1,S,W,T,E,SDS01\n";

/// The good row with one field replaced.
std::string row_with(std::size_t field, const std::string& value) {
  std::vector<std::string> fields;
  std::istringstream in(good_row.substr(0, good_row.size() - 1));
  for (std::string text; std::getline(in, text, ',');) fields.push_back(text);
  fields.at(field) = value;
  std::string row;
  for (const auto& text : fields) row += (row.empty() ? "" : ",") + text;
  return row + "\n";
}

class RegistrationRows : public IngestFixture {
 protected:
  std::vector<storage::Registration> registrations() const {
    return decoded<storage::Registration>(&storage::decode_registration);
  }
  void reject(std::size_t field, const std::string& value, const std::string& reason,
              const std::string& column) {
    expect_rejected(ingest_text("registrations.csv", header + row_with(field, value)), reason,
                    column, value);
  }
};

TEST_F(RegistrationRows, EveryColumnOfARegistrationIsRead) {
  ingest_text("registrations.csv", header + good_row);
  const auto all = registrations();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].mpan.number(), 1012345678903u);
  EXPECT_EQ(core::format_day(all[0].effective.from.value), "2012-01-01");
  EXPECT_EQ(all[0].effective.to, core::open_ended);
  const core::Terms& terms = all[0].terms;
  EXPECT_EQ(terms.supplier.view(), "EDFE");
  EXPECT_EQ(terms.bmu.view(), "2__CEDFE001");
  EXPECT_EQ(terms.gsp_group.to_string(), "_C");
  EXPECT_EQ(terms.distributor, 12);
  EXPECT_EQ(terms.llfc.view(), "001");
  EXPECT_EQ(terms.duos_tariff.view(), "LPN1");
  EXPECT_EQ(terms.data_service.view(), "SDS01");
  EXPECT_EQ(terms.direction, core::Direction::import_);
  EXPECT_EQ(terms.segment, core::MarketSegment::smart);
  EXPECT_EQ(terms.connection, core::ConnectionType::whole_current);
  EXPECT_TRUE(terms.domestic);
  EXPECT_TRUE(terms.energised);
}

TEST_F(RegistrationRows, ARegistrationGoesToThePartitionOfItsMeter) {
  ingest_text("registrations.csv", header + good_row);
  ASSERT_EQ(delivered_.size(), 1u);
  EXPECT_EQ(delivered_[0].partition, topology.of(core::Mpan::from_number(1012345678903)));
}

TEST_F(RegistrationRows, BlankOptionalColumnsAreEmpty) {
  ingest_text("registrations.csv",
              header + "1012345678903,2012-01-01,2012-12-31,E,_C,12,EDFE,,1,,A,H,F,D,\n");
  const auto all = registrations();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].terms.bmu.empty());
  EXPECT_TRUE(all[0].terms.duos_tariff.empty());
  EXPECT_TRUE(all[0].terms.data_service.empty());
  EXPECT_FALSE(all[0].terms.energised);
  EXPECT_EQ(core::format_day(all[0].effective.to.value), "2012-12-31");
}

TEST_F(RegistrationRows, ADayThatDoesNotExistIsRejected) {
  reject(1, "2013-02-29", "effective_from is not valid", "effective_from");
}
TEST_F(RegistrationRows, AnEndBeforeTheBeginningIsRejected) {
  reject(2, "2011-12-31", "effective_to is not valid", "effective_to");
}
TEST_F(RegistrationRows, AnUnknownDirectionIsRejected) {
  reject(3, "X", "direction is not valid", "direction");
}
TEST_F(RegistrationRows, AnUnknownGspGroupIsRejected) {
  reject(4, "_I", "gsp_group_id is not valid", "gsp_group_id");
}
TEST_F(RegistrationRows, ADistributorOfOneDigitIsRejected) {
  reject(5, "9", "distributor_id is not valid", "distributor_id");
}
TEST_F(RegistrationRows, ABlankSupplierIsRejected) {
  reject(6, "", "supplier_id is blank", "supplier_id");
}
TEST_F(RegistrationRows, ABmuIdThatIsTooLongIsRejected) {
  reject(7, "2__CABCD0000", "bmu_id is not valid", "bmu_id");
}
TEST_F(RegistrationRows, ALossClassThatIsTooLongIsRejected) {
  reject(8, "12345", "llfc_id is not valid", "llfc_id");
}
TEST_F(RegistrationRows, AnUnknownSegmentIsRejected) {
  reject(10, "D", "market_segment is not valid", "market_segment");
}
TEST_F(RegistrationRows, AnUnknownConnectionTypeIsRejected) {
  reject(11, "Z", "connection_type is not valid", "connection_type");
}
TEST_F(RegistrationRows, ADomesticFlagThatIsNoBooleanIsRejected) {
  reject(12, "yes", "domestic is not valid", "domestic");
}
TEST_F(RegistrationRows, AnUnknownEnergisationIsRejected) {
  reject(13, "X", "energisation is not valid", "energisation");
}

TEST_F(RegistrationRows, AnAnnualConsumptionIsRead) {
  ingest_text("annual_consumption.csv",
              "mpan,effective_from,kwh,quality\n1012345678903,2013-04-01,3100.5,1\n");
  const auto all = decoded<storage::AnnualConsumption>(&storage::decode_annual_consumption);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].energy_wh, 3'100'500);
  EXPECT_EQ(all[0].quality, '1');
  EXPECT_EQ(core::format_day(all[0].effective_from.value), "2013-04-01");
}

TEST_F(RegistrationRows, AnUnknownQualityOfAnAnnualConsumptionIsRejected) {
  expect_rejected(
      ingest_text("annual_consumption.csv",
                  "mpan,effective_from,kwh,quality\n1012345678903,2013-04-01,3100.5,7\n"),
      "quality is not valid", "quality", "7");
}

class MeterRows : public IngestFixture {
 protected:
  std::vector<storage::MeterRegister> registers() const {
    return decoded<storage::MeterRegister>(&storage::decode_meter_register);
  }
  static std::string file(const std::string& row) {
    return "mpan,meter_id,installed_at,removed_at,register_id,measurement_quantity,role,maximum_"
           "kwh\n" +
           row + "\n";
  }
  void reject(const std::string& row, const std::string& column, const std::string& value) {
    expect_rejected(ingest_text("meters.csv", file(row)), column + " is not valid", column, value);
  }
};

TEST_F(MeterRows, EveryColumnOfARegisterIsRead) {
  ingest_text("meters.csv", file("1012345678903,E10BG12345,2024-01-17T10:05:00Z,"
                                 "2024-03-01T00:00:00Z,02,AE,check,12.5"));
  const auto all = registers();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].mpan.number(), 1012345678903u);
  EXPECT_EQ(all[0].meter_id.view(), "E10BG12345");
  EXPECT_EQ(all[0].register_id.view(), "02");
  EXPECT_EQ(all[0].quantity, core::MeasurementQuantity::active_export);
  EXPECT_EQ(all[0].role, core::MeterRole::check);
  EXPECT_EQ(core::format_instant(all[0].installed_at), "2024-01-17T10:05:00Z");
  EXPECT_EQ(core::format_instant(all[0].removed_at), "2024-03-01T00:00:00Z");
  EXPECT_EQ(all[0].maximum_wh, 12'500);
}

TEST_F(MeterRows, WhatIsBlankIsOfTheMainMeterThatIsStillFitted) {
  ingest_text("meters.csv", file("1012345678903,M1,2024-01-17T00:00:00Z,,,,,"));
  const auto all = registers();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].register_id.empty());
  EXPECT_EQ(all[0].quantity, core::MeasurementQuantity::active_import);
  EXPECT_EQ(all[0].role, core::MeterRole::main);
  EXPECT_EQ(all[0].removed_at, storage::MeterRegister::still_fitted);
  EXPECT_EQ(all[0].maximum_wh, 0);
}

TEST_F(MeterRows, WhatDoesNotHoldIsRejected) {
  const std::string fitted = "1012345678903,M1,2024-01-17T00:00:00Z,";
  reject(fitted + "2024-01-16T23:59:59Z,,,,", "removed_at", "2024-01-16T23:59:59Z");
  reject(fitted + ",,,,0", "maximum_kwh", "0");
  reject(fitted + ",,XX,,", "measurement_quantity", "XX");
  reject(fitted + ",,,spare,", "role", "spare");
  reject("1012345678903,M1,1980-01-17T00:00:00Z,,,,,", "installed_at", "1980-01-17T00:00:00Z");
  reject("1012345678903,M 1,2024-01-17T00:00:00Z,,,,,", "meter_id", "M 1");
}

TEST_F(MeterRows, ColumnsOfWhichNothingIsMadeAreNamed) {
  const auto summary =
      ingest_text("meters.csv",
                  "mpan,meter_id,installed_at,register_id,digits,multiplier,register_kind\n"
                  "1012345678903,M1,2024-01-17T00:00:00Z,1,5,1,total\n");
  EXPECT_EQ(registers().size(), 1u);
  const std::vector<std::string_view> unread{"digits", "multiplier", "register_kind"};
  EXPECT_EQ(summary.unread_columns, unread);
}

}  // namespace
}  // namespace hhgrid::net
