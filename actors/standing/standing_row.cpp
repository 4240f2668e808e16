#include "actors/standing/standing_row.hpp"

#include "core/decimal.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/entry_view.hpp"

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

constexpr char run_date_table = 'r';

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
    return key_of_table(run_date_table).day(row.day.value).u8(storage::number(row.code)).str();
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

struct RowDay {
  using Day = std::optional<std::int32_t>;
  Day operator()(const core::Bmu& row) const { return row.effective.from.value; }
  Day operator()(const core::ComponentClass& row) const { return row.effective.from.value; }
  Day operator()(const core::DefaultShapeRow&) const { return std::nullopt; }
  Day operator()(const storage::BankHoliday& row) const { return row.day_number; }
  template <class Row>
  Day operator()(const Row& row) const {
    return row.day.value;
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

struct ForgetRow {
  core::StandingData& data;
  void operator()(const storage::LineLosses& row) const {
    data.forget_line_losses(row.distributor, row.llfc, row.day);
  }
  void operator()(const storage::GroupTake& row) const {
    data.forget_group_take(row.gsp_group, row.day);
  }
  void operator()(const storage::RunDateRow& row) const { data.forget_run_date(row.day, row.code); }
  void operator()(const storage::BankHoliday& row) const {
    data.forget_bank_holiday(row.day_number);
  }
  template <class Row>
  void operator()(const Row& row) const {
    data.forget(row);
  }
};

constexpr RowParts part(std::size_t i) { return RowParts{1} << i; }
constexpr RowParts whole = part(0);
static_assert(core::settlement_periods_max <= 64);

RowParts parts_of(const core::LineLossDay& factors) {
  RowParts parts = 0;
  for (std::size_t i = 0; i < factors.size(); ++i) parts |= factors[i] != 0 ? part(i) : 0;
  return parts;
}

RowParts parts_of(const core::GroupTakeDay& take) { return take.present.to_ullong(); }

/// Those of `shared` whose values are the same, and the others.
template <class IsSame>
ComparedParts compare_parts(RowParts shared, IsSame&& is_same) {
  ComparedParts compared;
  for (std::size_t i = 0; i < core::settlement_periods_max; ++i)
    if (shared & part(i)) (is_same(i) ? compared.same : compared.different) |= part(i);
  return compared;
}

ComparedParts compare(const core::LineLossDay& a, const core::LineLossDay& b) {
  return compare_parts(parts_of(a) & parts_of(b), [&](std::size_t i) { return a[i] == b[i]; });
}

ComparedParts compare(const core::GroupTakeDay& a, const core::GroupTakeDay& b) {
  return compare_parts(parts_of(a) & parts_of(b), [&](std::size_t i) {
    return a.energy_wh[i] == b.energy_wh[i] && a.estimated[i] == b.estimated[i];
  });
}

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

StandingRow stored_standing_row(std::string_view value) {
  const storage::AlignedWords aligned(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  storage::EntryView view(aligned.words());
  const auto entry = view.entry();
  if (!entry) throw TurnFailure(entry.error().text);
  return read_standing(*entry);
}

std::string run_date_key_prefix() { return key_of_table(run_date_table).str(); }

std::string standing_row_key(const StandingRow& row) { return std::visit(RowKey{}, row); }

std::string standing_address(const StandingRow& row) { return std::visit(RowAddress{}, row); }

std::optional<std::int32_t> standing_day(const StandingRow& row) {
  return std::visit(RowDay{}, row);
}

void put(core::StandingData& data, const StandingRow& row) { std::visit(PutRow{data}, row); }

storage::EntryWords encode_standing(const StandingRow& row, storage::EntryScratch& scratch) {
  return std::visit(EncodeRow{scratch}, row);
}

void forget(core::StandingData& data, const StandingRow& row) { std::visit(ForgetRow{data}, row); }

RowParts parts_of(const StandingRow& row) {
  if (const auto* losses = std::get_if<storage::LineLosses>(&row))
    return parts_of(losses->thousandths);
  if (const auto* take = std::get_if<storage::GroupTake>(&row)) return parts_of(take->take);
  return whole;
}

ContradictedEntry contradicted_entry(const StandingRow& row, storage::Position version,
                                     RowParts parts) {
  const bool has_parts = std::holds_alternative<storage::LineLosses>(row) ||
                         std::holds_alternative<storage::GroupTake>(row);
  return {ContradictedEntry::Kind::standing, version, standing_address(row), standing_day(row),
          has_parts ? parts : 0};
}

ComparedParts compare(const StandingRow& a, const StandingRow& b) {
  if (const auto* losses = std::get_if<storage::LineLosses>(&a))
    return compare(losses->thousandths, std::get<storage::LineLosses>(b).thousandths);
  if (const auto* take = std::get_if<storage::GroupTake>(&a))
    return compare(take->take, std::get<storage::GroupTake>(b).take);
  storage::EntryScratch of_a, of_b;
  const auto first = encode_standing(a, of_a).asBytes(),
             second = encode_standing(b, of_b).asBytes();
  return first == second ? ComparedParts{whole, 0} : ComparedParts{0, whole};
}

std::optional<StandingRow> without(StandingRow row, RowParts parts) {
  const RowParts left = parts_of(row) & ~parts;
  if (left == 0) return std::nullopt;
  if (auto* losses = std::get_if<storage::LineLosses>(&row)) {
    for (std::size_t i = 0; i < losses->thousandths.size(); ++i)
      if (parts & part(i)) losses->thousandths[i] = 0;
  } else if (auto* take = std::get_if<storage::GroupTake>(&row)) {
    take->take.present = left;
  }
  return row;
}

bool agrees(const core::StandingData& data, const StandingRow& row) {
  if (const auto* losses = std::get_if<storage::LineLosses>(&row)) {
    const auto* known = data.line_loss_day(losses->distributor, losses->llfc, losses->day);
    return known == nullptr || compare(*known, losses->thousandths).different == 0;
  }
  if (const auto* take = std::get_if<storage::GroupTake>(&row)) {
    const auto* known = data.group_take(take->gsp_group, take->day);
    return known == nullptr || compare(*known, take->take).different == 0;
  }
  return false;
}

}  // namespace hhgrid::actors
