#include "tests/actors/fold_fixture.hpp"

#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <utility>

#include "core/decimal.hpp"
#include "core/partitioning.hpp"
#include "storage/block_builder.hpp"

namespace hhgrid::actors::test {
namespace {

template <class T>
T id(std::string_view text) {
  return T::parse(text).value();
}

template <class T>
void require(const tl::expected<T, storage::Error>& result) {
  if (!result) throw std::runtime_error(result.error().text);
}

template <class Encode, class Row>
Entry encoded(Encode encode, const Row& row) {
  storage::EntryScratch scratch;
  return kj::heapArray<capnp::word>(encode(row, scratch));
}

constexpr std::string_view groups[] = {"_A", "_C"}, suppliers[] = {"SUPA", "SUPB"}, llfcs[] = {"001", "002"};
const core::SettlementDay beginning = settlement_day("2010-01-01");

std::string default_unit(std::string_view group, std::string_view supplier) {
  return "2__" + std::string(group.substr(1)) + std::string(supplier) + "000";
}

void add_classes(std::vector<Entry>& entries) {
  std::uint16_t number = 1;
  for (const auto connection : {core::ConnectionType::whole_current, core::ConnectionType::low_voltage})
    for (const auto segment : {core::MarketSegment::smart, core::MarketSegment::advanced})
      for (const auto quantity : {core::MeasurementQuantity::active_import, core::MeasurementQuantity::active_export})
        for (const auto indicator : {core::Indicator::consumption, core::Indicator::losses})
          entries.push_back(encoded(storage::encode_component_class,
                                    core::ComponentClass{number++, connection, quantity, segment, indicator,
                                                         segment == core::MarketSegment::smart ? 100 : 50, {beginning}}));
}

}  // namespace

// -- the world ------------------------------------------------------------------------------------

core::SettlementDay settlement_day(std::string_view text) { return core::parse_settlement_day(text).value(); }
core::UtcDay utc_day(std::string_view text) { return core::parse_utc_day(text).value(); }
core::Mpan meter_mpan(std::uint64_t n) { return core::Mpan::from_body(100'000'000'000 + n); }

core::Terms terms_variant(unsigned n) {
  const auto bit = [&](unsigned i) { return n >> i & 1; };
  core::Terms terms;
  terms.gsp_group = id<core::GspGroup>(groups[bit(0)]);
  terms.supplier = id<core::SupplierId>(suppliers[bit(1)]);
  terms.domestic = bit(2) != 0;
  terms.direction = bit(3) != 0 && bit(6) != 0 ? core::Direction::export_ : core::Direction::import_;
  terms.energised = !(bit(4) != 0 && bit(5) != 0 && bit(6) == 0);
  terms.connection = bit(4) != 0 ? core::ConnectionType::low_voltage : core::ConnectionType::whole_current;
  terms.segment = bit(5) != 0 ? core::MarketSegment::advanced : core::MarketSegment::smart;
  terms.distributor = 20;
  terms.llfc = id<core::LlfcId>(llfcs[bit(6)]);
  if (bit(2) != 0 && bit(5) != 0) terms.bmu = id<core::BmuId>("2__XOTHER01");  // valid in group _A for SUPA only
  terms.duos_tariff = id<core::DuosTariffId>("D1");
  terms.data_service = id<core::DataServiceId>("DS1");
  return terms;
}

Entry registration_entry(core::Mpan mpan, core::SettlementDay from, core::SettlementDay to, const core::Terms& terms) {
  return encoded(storage::encode_registration, storage::Registration{mpan, {from, to}, terms});
}

Entry annual_consumption_entry(core::Mpan mpan, core::SettlementDay from, core::WattHours energy_wh) {
  return encoded(storage::encode_annual_consumption, storage::AnnualConsumption{mpan, from, energy_wh, '1'});
}

Entry consumption_entry(core::Mpan mpan, core::UtcDay day, core::WattHours energy_wh, std::uint64_t present,
                        core::MeasurementQuantity quantity, core::Quality quality) {
  storage::ConsumptionDay version(mpan);
  version.day = day;
  version.quantity = quantity;
  version.present = present;
  version.quality = quality;
  for (std::size_t i = 0; i < version.energy_wh.size(); ++i)
    if ((present >> i & 1) != 0) version.energy_wh[i] = energy_wh;
  return consumption_entry(version);
}

Entry consumption_entry(const storage::ConsumptionDay& day) { return encoded(storage::encode_consumption, day); }

Entry group_take_entry(std::string_view group, core::SettlementDay day, core::WattHours energy_wh) {
  storage::GroupTake row{id<core::GspGroup>(group), day, {}};
  for (int i = 0; i < FoldGrid::calendar().period_count(day); ++i) {
    row.take.energy_wh[static_cast<std::size_t>(i)] = energy_wh;
    row.take.present.set(static_cast<std::size_t>(i));
  }
  return encoded(storage::encode_group_take, row);
}

Entry line_losses_entry(std::string_view llfc, core::SettlementDay day, std::uint16_t thousandths) {
  storage::LineLosses row{20, id<core::LlfcId>(llfc), day, {}};
  row.thousandths.fill(0);
  for (int i = 0; i < FoldGrid::calendar().period_count(day); ++i)
    row.thousandths[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(thousandths + i % 3);
  return encoded(storage::encode_line_losses, row);
}

Entry bank_holiday_entry(std::int32_t day) {
  return encoded(storage::encode_bank_holiday, storage::BankHoliday{day, "a holiday"});
}

std::vector<Entry> standing_entries(core::SettlementDay first, core::SettlementDay last) {
  std::vector<Entry> entries;
  for (const auto group : groups)
    for (const auto supplier : suppliers)
      entries.push_back(encoded(storage::encode_bmu,
                                core::Bmu{id<core::BmuId>(default_unit(group, supplier)), id<core::SupplierId>(supplier),
                                          id<core::GspGroup>(group), true, {beginning}}));
  entries.push_back(encoded(storage::encode_bmu, core::Bmu{id<core::BmuId>("2__XOTHER01"), id<core::SupplierId>("SUPA"),
                                                           id<core::GspGroup>("_A"), false, {beginning}}));
  add_classes(entries);
  core::DefaultShapeRow shape;
  shape.connection = core::ConnectionType::whole_current;
  for (std::size_t i = 0; i < shape.energy_wh.size(); ++i) shape.energy_wh[i] = 100 + static_cast<core::WattHours>(i);
  entries.push_back(encoded(storage::encode_default_shape, shape));
  for (core::SettlementDay day = first; day <= last; day = day + 1) {
    for (const auto group : groups) entries.push_back(group_take_entry(group, day, 2'500));
    for (const auto llfc : llfcs) entries.push_back(line_losses_entry(llfc, day, 1050));
  }
  return entries;
}

// -- the grid -------------------------------------------------------------------------------------

ScratchDirectory::ScratchDirectory() {
  static std::atomic<int> next{0};
  path_ = std::filesystem::temp_directory_path() /
          ("hhgrid_folds_" + std::to_string(::getpid()) + "_" + std::to_string(next++));
  std::filesystem::create_directories(path_);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

FoldGrid::FoldGrid(storage::PartitionId partitions, core::ShapePolicy shape, MeterFoldOptions options)
    : partitions_(partitions),
      shape_(shape),
      options_(std::move(options)),
      ends_(partitions + 1u, 0),
      outboxes_(partitions + 1u) {
  open();
}

const core::SettlementCalendar& FoldGrid::calendar() {
  static const auto calendar = core::SettlementCalendar::europe_london();
  return calendar;
}

void FoldGrid::open() {
  for (storage::PartitionId p = 0; p <= partitions_; ++p) {
    storage::StoreOptions options;
    options.path = directory_.path() / std::to_string(p);
    options.memtable_bytes = 1 << 20;
    auto store = storage::Store::open(options);
    require(store);
    stores_.push_back(std::move(*store));
    const Fold::Identity identity{p, partitions_};
    if (p < partitions_)
      folds_.push_back(std::make_unique<MeterFold>(identity, *stores_.back(), calendar(), options_));
    else
      folds_.push_back(std::make_unique<MarketFold>(identity, *stores_.back(), calendar(),
                                                    MarketFoldOptions{.policy = {.shape = shape_}, .on_run = {}}));
    require(folds_.back()->load());
  }
}

void FoldGrid::reopen() {
  for (auto& store : stores_) require(store->flush(true));
  folds_.clear();
  stores_.clear();
  for (auto& outbox : outboxes_) outbox.clear();
  open();
  // What was delivered, but not yet forgotten by a commit, comes again: receivers drop it.
}

void FoldGrid::append(storage::PartitionId partition, core::Instant received_at, const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  storage::BlockBuilder builder(received_at, "test");
  for (const Entry& entry : entries) builder.add(entry);
  const auto count = builder.count();
  require(folds_.at(partition)->apply({ends_[partition] + 1, builder.finish({1, ends_[partition] + 1})}));
  ends_[partition] += count;
}

void FoldGrid::append(storage::PartitionId partition, core::Instant received_at, Entry entry) {
  std::vector<Entry> entries;
  entries.push_back(std::move(entry));
  append(partition, received_at, entries);
}

void FoldGrid::append(core::Mpan mpan, core::Instant received_at, Entry entry) {
  append(owner(mpan), received_at, std::move(entry));
}

storage::PartitionId FoldGrid::owner(core::Mpan mpan) const { return core::meter_partition(mpan, partitions_); }

// -- messages ---------------------------------------------------------------------------------------

std::size_t FoldGrid::senders_waiting() {
  std::size_t waiting = 0;
  for (std::size_t p = 0; p < folds_.size(); ++p) {
    for (auto& message : folds_[p]->take_outbox()) outboxes_[p].push_back(std::move(message));
    if (!outboxes_[p].empty()) ++waiting;
  }
  return waiting;
}

void FoldGrid::deliver_one(std::size_t n) {
  for (std::size_t p = 0; p < folds_.size(); ++p) {
    if (outboxes_[p].empty() || n-- > 0) continue;
    const OutboxMessage message = outboxes_[p].front();
    outboxes_[p].pop_front();
    storage::BlockBuilder builder(message.received_at, "partition " + std::to_string(p));
    builder.add(message.entry->asPtr());
    const auto destination = message.destination;
    const auto id = outbox_batch_id(static_cast<storage::PartitionId>(p), message);
    require(folds_.at(destination)->apply({++ends_[destination], builder.finish(id)}));
    folds_[p]->delivered(message.position, message.n);
    return;
  }
}

void FoldGrid::deliver() {
  while (senders_waiting() > 0) deliver_one();
}

std::uint32_t FoldGrid::request_run(core::SettlementDay day, core::Instant cutoff, core::Instant now) {
  storage::EntryScratch scratch;
  append(market(), now, kj::heapArray<capnp::word>(scratch.build([&](schema::Entry::Builder entry) {
           auto request = entry.initRunRequest();
           request.setSettlementDay(day.value);
           request.setCode(static_cast<std::uint8_t>(core::SettlementCode::sf));
           request.setCutoff(cutoff.milliseconds);
           request.setRequestId(runs_ + 1000);
         })));
  return ++runs_;
}

RunInfo FoldGrid::run_info(std::uint32_t number) const {
  const storage::Store::View view(*stores_.back());
  auto run = read_run(view, number);
  require(run);
  return run->value();
}

// -- stores -----------------------------------------------------------------------------------------

std::vector<const storage::Store*> FoldGrid::stores() const {
  std::vector<const storage::Store*> all;
  for (const auto& store : stores_) all.push_back(store.get());
  return all;
}

void FoldGrid::tamper(storage::PartitionId partition, storage::Family family, std::string_view key, std::string_view value) {
  storage::Commit commit(store(partition));
  commit.put(family, key, value);
  require(store(partition).commit(commit, ends_[partition]));
}

void FoldGrid::remove(storage::PartitionId partition, storage::Family family, std::string_view key) {
  storage::Commit commit(store(partition));
  commit.erase(family, key);
  require(store(partition).commit(commit, ends_[partition]));
}

std::map<std::string, std::string> FoldGrid::records(storage::PartitionId partition, storage::Family family,
                                                     std::string_view prefix) const {
  std::map<std::string, std::string> found;
  require(stores_.at(partition)->scan_prefix(family, prefix, [&](std::string_view key, std::string_view value) {
    found.emplace(key, value);
    return true;
  }));
  return found;
}

}  // namespace hhgrid::actors::test
