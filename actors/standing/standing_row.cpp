#include "actors/standing/standing_row.hpp"

#include "core/decimal.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {
namespace {

using storage::KeyWriter;

KeyWriter key_of_table(char letter) {
  KeyWriter key;
  key.tag(standing_tag).tag(letter);
  return key;
}

template <class E>
std::uint8_t any_or(const std::optional<E>& value) {
  return storage::number_or_any(value);
}

/// Makes the key of each kind of row.
struct RowKey {
  std::string operator()(const core::Bmu& row) const {
    return key_of_table('b')
        .text(row.id.view())
        .text(row.supplier.view())
        .text(row.gsp_group.to_string())
        .day(row.effective.from.value)
        .str();
  }
  std::string operator()(const core::ComponentClass& row) const {
    return key_of_table('c').u16(row.ccc_id).day(row.effective.from.value).str();
  }
  std::string operator()(const storage::LineLosses& row) const {
    return key_of_table('l').u8(row.distributor).text(row.llfc.view()).day(row.day.value).str();
  }
  std::string operator()(const core::DefaultShapeRow& row) const {
    return key_of_table('d')
        .text(row.gsp_group ? row.gsp_group->to_string() : "")
        .u8(any_or(row.connection))
        .u8(any_or(row.segment))
        .u8(any_or(row.domestic))
        .u8(any_or(row.quantity))
        .u8(any_or(row.day_type))
        .str();
  }
  std::string operator()(const storage::GroupTake& row) const {
    return key_of_table('t').text(row.gsp_group.to_string()).day(row.day.value).str();
  }
  std::string operator()(const storage::RunDateRow& row) const {
    return key_of_table('r').day(row.day.value).u8(storage::number(row.code)).str();
  }
  std::string operator()(const storage::BankHoliday& row) const {
    return key_of_table('h').day(row.day_number).str();
  }
};

struct RowAddress {
  std::string operator()(const core::Bmu& row) const { return "bmu/" + row.id.to_string(); }
  std::string operator()(const core::ComponentClass& row) const {
    return "standing/component_class/" + std::to_string(row.ccc_id);
  }
  std::string operator()(const storage::LineLosses& row) const {
    return "standing/line_loss/" + row.llfc.to_string();
  }
  std::string operator()(const core::DefaultShapeRow&) const { return "standing/default_shape"; }
  std::string operator()(const storage::GroupTake& row) const {
    return "gsp/" + row.gsp_group.to_string();
  }
  std::string operator()(const storage::RunDateRow& row) const {
    return "standing/run_date/" + core::format_day(row.day.value);
  }
  std::string operator()(const storage::BankHoliday& row) const {
    return "standing/bank_holiday/" + core::format_day(row.day_number);
  }
};

struct PutRow {
  core::StandingData& data;
  void operator()(const core::Bmu& row) const { data.put(row); }
  void operator()(const core::ComponentClass& row) const { data.put(row); }
  void operator()(const core::DefaultShapeRow& row) const { data.put(row); }
  void operator()(const storage::LineLosses& row) const {
    data.put_line_losses(row.distributor, row.llfc, row.day, row.thousandths);
  }
  void operator()(const storage::GroupTake& row) const {
    data.put_group_take(row.gsp_group, row.day, row.take);
  }
  void operator()(const storage::RunDateRow& row) const {
    data.put_run_date(row.day, row.code, row.run_date);
  }
  void operator()(const storage::BankHoliday& row) const { data.put_bank_holiday(row.day_number); }
};

struct EncodeRow {
  storage::EntryScratch& scratch;
  storage::EntryWords operator()(const core::Bmu& row) const {
    return storage::encode_bmu(row, scratch);
  }
  storage::EntryWords operator()(const core::ComponentClass& row) const {
    return storage::encode_component_class(row, scratch);
  }
  storage::EntryWords operator()(const core::DefaultShapeRow& row) const {
    return storage::encode_default_shape(row, scratch);
  }
  storage::EntryWords operator()(const storage::LineLosses& row) const {
    return storage::encode_line_losses(row, scratch);
  }
  storage::EntryWords operator()(const storage::GroupTake& row) const {
    return storage::encode_group_take(row, scratch);
  }
  storage::EntryWords operator()(const storage::RunDateRow& row) const {
    return storage::encode_run_date(row, scratch);
  }
  storage::EntryWords operator()(const storage::BankHoliday& row) const {
    return storage::encode_bank_holiday(row, scratch);
  }
};

template <class Row>
StandingRow checked(tl::expected<Row, storage::Error> row) {
  if (!row) throw TurnFailure(row.error().text);
  return StandingRow(std::move(*row));
}

}  // namespace

bool is_standing(schema::Entry::Which which) {
  switch (which) {
    case schema::Entry::BMU:
    case schema::Entry::COMPONENT_CLASS:
    case schema::Entry::LINE_LOSSES:
    case schema::Entry::DEFAULT_SHAPE:
    case schema::Entry::GROUP_TAKE:
    case schema::Entry::RUN_DATE:
    case schema::Entry::BANK_HOLIDAY:
      return true;
    default:
      return false;
  }
}

StandingRow read_standing(schema::Entry::Reader entry) {
  switch (entry.which()) {
    case schema::Entry::BMU:
      return checked(storage::decode_bmu(entry));
    case schema::Entry::COMPONENT_CLASS:
      return checked(storage::decode_component_class(entry));
    case schema::Entry::LINE_LOSSES:
      return checked(storage::decode_line_losses(entry));
    case schema::Entry::DEFAULT_SHAPE:
      return checked(storage::decode_default_shape(entry));
    case schema::Entry::GROUP_TAKE:
      return checked(storage::decode_group_take(entry));
    case schema::Entry::RUN_DATE:
      return checked(storage::decode_run_date(entry));
    case schema::Entry::BANK_HOLIDAY:
      return checked(storage::decode_bank_holiday(entry));
    default:
      throw TurnFailure("an entry of kind number " + std::to_string(entry.which()) +
                        " is no standing data");
  }
}

std::string standing_row_key(const StandingRow& row) { return std::visit(RowKey{}, row); }

std::string standing_address(const StandingRow& row) { return std::visit(RowAddress{}, row); }

void put(core::StandingData& data, const StandingRow& row) { std::visit(PutRow{data}, row); }

storage::EntryWords encode_standing(const StandingRow& row, storage::EntryScratch& scratch) {
  return std::visit(EncodeRow{scratch}, row);
}

}  // namespace hhgrid::actors
