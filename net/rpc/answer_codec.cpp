#include "net/rpc/answer_codec.hpp"

#include <capnp/serialize.h>

#include "storage/wire/record.hpp"

namespace hhgrid::net {
namespace {

using storage::Errc;

constexpr Errc last_code = Errc::unanswered;
static_assert(static_cast<int>(rpc::Failure::Code::UNANSWERED) == static_cast<int>(last_code));
static_assert(static_cast<int>(rpc::Failure::Code::IN_USE) == static_cast<int>(Errc::in_use));
static_assert(static_cast<int>(rpc::Failure::Code::UNKNOWN) == static_cast<int>(Errc::unknown));
static_assert(static_cast<int>(rpc::Failure::Code::NO_SPACE) == static_cast<int>(Errc::no_space));
static_assert(static_cast<int>(rpc::TableRequest::Format::JSONL) ==
              static_cast<int>(TableFormat::jsonl));

/// A text that the grid has written itself, such as a code: another is a fault of the node.
template <class T>
T parsed(core::Parsed<T> (*parse)(std::string_view), capnp::Text::Reader text) {
  const auto value = parse({text.begin(), text.size()});
  KJ_REQUIRE(value.has_value(), "the node said what this version does not know", text);
  return *value;
}

GroupSummary read_group(rpc::RunSummary::Group::Reader in) {
  GroupSummary group;
  group.gsp_group = read_text(in.getGspGroup());
  group.group_take_wh = in.getGroupTakeWh();
  group.uncorrected_wh = in.getUncorrectedWh();
  group.import_wh = in.getImportWh();
  group.export_wh = in.getExportWh();
  group.actual_wh = in.getActualWh();
  group.defaulted_wh = in.getDefaultedWh();
  group.consumption_wh = in.getConsumptionWh();
  const auto import_factor = in.getGcfImport(), export_factor = in.getGcfExport();
  group.gcf_import_min = import_factor.getMin();
  group.gcf_import_mean = import_factor.getMean();
  group.gcf_import_max = import_factor.getMax();
  group.gcf_export_min = export_factor.getMin();
  group.gcf_export_mean = export_factor.getMean();
  group.gcf_export_max = export_factor.getMax();
  group.bmus = in.getBmus();
  group.components = in.getComponents();
  return group;
}

}  // namespace

kj::StringPtr text_of(const std::string& text) { return {text.c_str(), text.size()}; }
std::string read_text(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

void write(const storage::Error& error, rpc::Failure::Builder out) {
  out.setCode(static_cast<rpc::Failure::Code>(error.code));
  out.setText(text_of(error.text));
}

storage::Error read_failure(rpc::Failure::Reader in) {
  const auto code = static_cast<std::uint16_t>(in.getCode());
  return {code <= static_cast<std::uint16_t>(last_code) ? static_cast<Errc>(code) : Errc::mismatch,
          read_text(in.getText())};
}

void write_day(std::optional<std::int32_t> day, rpc::OptionalDay::Builder out) {
  day ? out.setDay(*day) : out.setNone();
}

std::optional<std::int32_t> read_day(rpc::OptionalDay::Reader in) {
  if (in.isNone()) return std::nullopt;
  return in.getDay();
}

void write_instant(std::optional<core::Instant> instant, rpc::OptionalInstant::Builder out) {
  instant ? out.setInstant(instant->milliseconds) : out.setNone();
}

std::optional<core::Instant> read_instant(rpc::OptionalInstant::Reader in) {
  if (in.isNone()) return std::nullopt;
  return core::Instant{in.getInstant()};
}

// -- parts -------------------------------------------------------------------------------------

void write(const GroupSummary& group, rpc::RunSummary::Group::Builder out) {
  out.setGspGroup(text_of(group.gsp_group));
  out.setGroupTakeWh(group.group_take_wh);
  out.setUncorrectedWh(group.uncorrected_wh);
  out.setImportWh(group.import_wh);
  out.setExportWh(group.export_wh);
  out.setActualWh(group.actual_wh);
  out.setDefaultedWh(group.defaulted_wh);
  out.setConsumptionWh(group.consumption_wh);
  auto import_factor = out.initGcfImport();
  import_factor.setMin(group.gcf_import_min);
  import_factor.setMean(group.gcf_import_mean);
  import_factor.setMax(group.gcf_import_max);
  auto export_factor = out.initGcfExport();
  export_factor.setMin(group.gcf_export_min);
  export_factor.setMean(group.gcf_export_mean);
  export_factor.setMax(group.gcf_export_max);
  out.setBmus(group.bmus);
  out.setComponents(group.components);
}

void write(const actors::AuditDifference& difference, rpc::AuditReport::Difference::Builder out) {
  out.setTable(text_of(difference.table));
  out.setKey(text_of(difference.key));
  out.setStored(text_of(difference.stored));
  out.setRecomputed(text_of(difference.recomputed));
}

void write(const actors::Damage& damage, rpc::CheckReport::Damage::Builder out) {
  out.setPath(text_of(damage.path));
  out.setFamily(text_of(damage.family));
  out.setKey(text_of(damage.key));
  out.setCause(text_of(damage.cause));
}

// -- status -------------------------------------------------------------------------------------

void write(const actors::PartitionStatus& status, rpc::PartitionStatus::Builder out) {
  out.setId(status.id);
  out.setName(text_of(status.name));
  out.setKind(static_cast<std::uint8_t>(status.kind));
  out.setApplied(status.applied);
  out.setJournalEnd(status.journal_end);
  out.setDurable(status.durable);
  out.setMeters(status.meters);
  out.setResidentMeters(status.resident_meters);
  out.setMemoryBytes(status.memory_bytes);
  out.setStoreMemoryBytes(status.store_memory_bytes);
  out.setDiskBytes(status.disk_bytes);
  out.setDeadLetters(status.dead_letters);
  out.setAccepted(status.accepted);
  out.setUnchanged(status.unchanged);
  out.setOutbox(status.outbox);
  out.setRepeatedBlocks(status.repeated_blocks);
  out.setEarlyBlocks(status.early_blocks);
  out.setUnregistered(status.unregistered);
  out.setNotRegistered(status.not_registered);
  out.setRefusedPeriods(status.refused_periods);
  out.setRefusedRegistrations(status.refused_registrations);
  out.setRefusedAnnualConsumptions(status.refused_annual_consumptions);
  out.setRefusedRegisters(status.refused_registers);
  out.setRefusedRows(status.refused_rows);
  out.setTrouble(text_of(status.trouble));
}

actors::PartitionStatus read_partition_status(rpc::PartitionStatus::Reader in) {
  actors::PartitionStatus status;
  status.id = in.getId();
  status.name = read_text(in.getName());
  status.kind = static_cast<storage::PartitionKind>(in.getKind());
  status.applied = in.getApplied();
  status.journal_end = in.getJournalEnd();
  status.durable = in.getDurable();
  status.meters = in.getMeters();
  status.resident_meters = in.getResidentMeters();
  status.memory_bytes = in.getMemoryBytes();
  status.store_memory_bytes = in.getStoreMemoryBytes();
  status.disk_bytes = in.getDiskBytes();
  status.dead_letters = in.getDeadLetters();
  status.accepted = in.getAccepted();
  status.unchanged = in.getUnchanged();
  status.outbox = in.getOutbox();
  status.repeated_blocks = in.getRepeatedBlocks();
  status.early_blocks = in.getEarlyBlocks();
  status.unregistered = in.getUnregistered();
  status.not_registered = in.getNotRegistered();
  status.refused_periods = in.getRefusedPeriods();
  status.refused_registrations = in.getRefusedRegistrations();
  status.refused_annual_consumptions = in.getRefusedAnnualConsumptions();
  status.refused_registers = in.getRefusedRegisters();
  status.refused_rows = in.getRefusedRows();
  status.trouble = read_text(in.getTrouble());
  return status;
}

void write(const actors::ParticipantStatus& status, rpc::ParticipantStatus::Builder out) {
  out.setParticipant(text_of(status.participant.to_string()));
  out.setWaiting(status.count.waiting);
  out.setDropped(status.count.dropped);
  write_instant(status.oldest, out.initOldest());
}

actors::ParticipantStatus read_participant_status(rpc::ParticipantStatus::Reader in) {
  actors::ParticipantStatus status;
  status.participant = parsed(&core::ParticipantId::parse, in.getParticipant());
  status.count.waiting = in.getWaiting();
  status.count.dropped = in.getDropped();
  status.oldest = read_instant(in.getOldest());
  return status;
}

// -- runs ---------------------------------------------------------------------------------------

void write(const actors::RunInfo& run, rpc::Run::Builder out) {
  out.setNumber(run.number);
  out.setSettlementDay(run.day.value);
  out.setCode(text_of(std::string(core::to_string(run.code))));
  out.setCutoff(run.cutoff.milliseconds);
  out.setRequestedAt(run.requested_at.milliseconds);
  out.setStatus(run.status);
  out.setReason(text_of(run.reason));
  out.setLegacyCorrection(run.method == core::CorrectionMethod::legacy);
  out.setExceptions(run.exception_count);
}

actors::RunInfo read_run(rpc::Run::Reader in) {
  actors::RunInfo run;
  run.number = in.getNumber();
  run.day = {in.getSettlementDay()};
  run.code = parsed(&core::parse_settlement_code, in.getCode());
  run.cutoff = {in.getCutoff()};
  run.requested_at = {in.getRequestedAt()};
  run.status = in.getStatus();
  run.reason = read_text(in.getReason());
  run.method = in.getLegacyCorrection() ? core::CorrectionMethod::legacy
                                        : core::CorrectionMethod::import_export;
  run.exception_count = in.getExceptions();
  return run;
}

void write(const RunSummary& summary, rpc::RunSummary::Builder out) {
  write_list(summary.groups, [&](unsigned n) { return out.initGroups(n); });
  auto kinds = out.initExceptions(static_cast<unsigned>(summary.exceptions.size()));
  unsigned i = 0;
  for (const auto& [kind, count] : summary.exceptions) {
    kinds[i].setKind(text_of(kind));
    kinds[i++].setCount(count);
  }
}

RunSummary read_run_summary(rpc::RunSummary::Reader in) {
  RunSummary summary;
  summary.groups = read_list(in.getGroups(), read_group);
  for (const auto kind : in.getExceptions())
    summary.exceptions.emplace(read_text(kind.getKind()), kind.getCount());
  return summary;
}

void write(const TableRequest& request, rpc::TableRequest::Builder out) {
  out.setKind(text_of(request.kind));
  auto runs = out.initRuns(static_cast<unsigned>(request.runs.size()));
  for (unsigned i = 0; i < runs.size(); ++i) runs.set(i, request.runs[i]);
  write_day(request.day, out.initDay());
  out.setAllVersions(request.all_versions);
  write_instant(request.as_of, out.initAsOf());
  out.setFormat(static_cast<rpc::TableRequest::Format>(request.format));
}

TableRequest read_table_request(rpc::TableRequest::Reader in) {
  TableRequest request;
  request.kind = read_text(in.getKind());
  for (const std::uint32_t run : in.getRuns()) request.runs.push_back(run);
  request.day = read_day(in.getDay());
  request.all_versions = in.getAllVersions();
  request.as_of = read_instant(in.getAsOf());
  KJ_REQUIRE(in.getFormat() <= rpc::TableRequest::Format::JSONL, "no such format of a table");
  request.format = static_cast<TableFormat>(in.getFormat());
  return request;
}

// -- audit and check ----------------------------------------------------------------------------

void write(const actors::AuditReport& report, rpc::AuditReport::Builder out) {
  out.setRunNumber(report.run_number);
  out.setRunId(text_of(report.run_id));
  out.setMeterDays(report.meter_days);
  out.setDifferenceCount(report.difference_count);
  write_list(report.differences, [&](unsigned n) { return out.initDifferences(n); });
}

actors::AuditReport read_audit_report(rpc::AuditReport::Reader in) {
  actors::AuditReport report;
  report.run_number = in.getRunNumber();
  report.run_id = read_text(in.getRunId());
  report.meter_days = in.getMeterDays();
  report.difference_count = in.getDifferenceCount();
  report.differences =
      read_list(in.getDifferences(), [](rpc::AuditReport::Difference::Reader difference) {
        return actors::AuditDifference{
            read_text(difference.getTable()), read_text(difference.getKey()),
            read_text(difference.getStored()), read_text(difference.getRecomputed())};
      });
  return report;
}

void write(const actors::CheckReport& report, rpc::CheckReport::Builder out) {
  out.setRecords(report.records);
  out.setMeterDays(report.meter_days);
  out.setDamageCount(report.damage_count);
  write_list(report.damage, [&](unsigned n) { return out.initDamage(n); });
}

actors::CheckReport read_check_report(rpc::CheckReport::Reader in) {
  actors::CheckReport report;
  report.records = in.getRecords();
  report.meter_days = in.getMeterDays();
  report.damage_count = in.getDamageCount();
  report.damage = read_list(in.getDamage(), [](rpc::CheckReport::Damage::Reader damage) {
    return actors::Damage{read_text(damage.getPath()), read_text(damage.getFamily()),
                          read_text(damage.getKey()), read_text(damage.getCause())};
  });
  return report;
}

// -- what is asked for and answered ---------------------------------------------------------------

void write(const actors::DeadLetter& letter, rpc::DeadLetter::Builder out) {
  out.setPartition(letter.partition);
  out.setPosition(letter.position.number());
  out.setAddress(text_of(letter.address));
  out.setReason(text_of(letter.reason));
  out.setReceivedAt(letter.received_at.milliseconds);
}

actors::DeadLetter read_dead_letter(rpc::DeadLetter::Reader in) {
  return {in.getPartition(), storage::Position::from_number(in.getPosition()),
          read_text(in.getAddress()), read_text(in.getReason()), core::Instant{in.getReceivedAt()}};
}

void write(const actors::RunOutcome& outcome, rpc::RunOutcome::Builder out) {
  out.setRunNumber(outcome.run_number);
  out.setRunId(text_of(outcome.run_id));
  out.setStatus(text_of(outcome.status));
  out.setReason(text_of(outcome.reason));
  out.setExceptions(outcome.exceptions);
}

actors::RunOutcome read_run_outcome(rpc::RunOutcome::Reader in) {
  return {in.getRunNumber(), read_text(in.getRunId()), read_text(in.getStatus()),
          read_text(in.getReason()), in.getExceptions()};
}

void write(const ClosedDay& closed, rpc::DayClosing::Builder out) {
  out.setUtcDay(closed.closing.day.value);
  out.setClosedAt(closed.closing.closed_at.milliseconds);
  out.setPublished(closed.closing.published);
  out.setReissued(closed.closing.reissued);
  out.setWasClosed(closed.was_closed);
}

ClosedDay read_closed_day(rpc::DayClosing::Reader in) {
  ClosedDay closed;
  closed.closing.day = {in.getUtcDay()};
  closed.closing.closed_at = {in.getClosedAt()};
  closed.closing.complete = true;
  closed.closing.published = in.getPublished();
  closed.closing.reissued = in.getReissued();
  closed.was_closed = in.getWasClosed();
  return closed;
}

// -- what waits for participants ------------------------------------------------------------------

void write(const actors::WaitingMessage& message, rpc::WaitingMessage::Builder out) {
  write_id(message, out.initId());
  const std::string record =
      std::visit([](const auto& content) { return actors::participant_message_record(content); },
                 message.message);
  const auto set = storage::read_record<schema::ParticipantMessageRecord>(
      record, "participant message", [&](schema::ParticipantMessageRecord::Reader content) {
        out.setMessage(content);
        return true;
      });
  KJ_REQUIRE(set.has_value(), set.error().text.c_str());
}

actors::WaitingMessage read_waiting_message(rpc::WaitingMessage::Reader in) {
  auto message = read_message_id(in.getId());
  message.message = actors::read_participant_message(in.getMessage());
  return message;
}

void write_id(const actors::WaitingMessage& message, rpc::MessageId::Builder out) {
  out.setPartition(message.partition);
  out.setPosition(message.id.position.number());
  out.setN(message.id.n);
}

actors::WaitingMessage read_message_id(rpc::MessageId::Reader in) {
  actors::WaitingMessage message{};
  message.partition = in.getPartition();
  message.id = {storage::Position::from_number(in.getPosition()), in.getN()};
  return message;
}

}  // namespace hhgrid::net
