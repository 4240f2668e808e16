#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/rpc/schema/grid.capnp.h"
#include "net/service/grid_service.hpp"

namespace hhgrid::net {

// What a grid answers, as it travels: `write` fills a message, `read_...` is the inverse. A message
// comes from a node that may be newer: what cannot be read throws kj::Exception.

kj::StringPtr text_of(const std::string& text);
std::string read_text(capnp::Text::Reader text);

void write(const storage::Error& error, rpc::Failure::Builder out);
storage::Error read_failure(rpc::Failure::Reader in);

void write(const GroupSummary& group, rpc::RunSummary::Group::Builder out);
void write(const actors::AuditDifference& difference, rpc::AuditReport::Difference::Builder out);
void write(const actors::Damage& damage, rpc::CheckReport::Damage::Builder out);

void write_day(std::optional<std::int32_t> day, rpc::OptionalDay::Builder out);
std::optional<std::int32_t> read_day(rpc::OptionalDay::Reader in);
void write_instant(std::optional<core::Instant> instant, rpc::OptionalInstant::Builder out);
std::optional<core::Instant> read_instant(rpc::OptionalInstant::Reader in);

void write(const actors::PartitionStatus& status, rpc::PartitionStatus::Builder out);
actors::PartitionStatus read_partition_status(rpc::PartitionStatus::Reader in);
void write(const actors::ParticipantStatus& status, rpc::ParticipantStatus::Builder out);
actors::ParticipantStatus read_participant_status(rpc::ParticipantStatus::Reader in);

/// What of a run is told; its parts in the partitions and its digests are not.
void write(const actors::RunInfo& run, rpc::Run::Builder out);
actors::RunInfo read_run(rpc::Run::Reader in);
void write(const RunSummary& summary, rpc::RunSummary::Builder out);
RunSummary read_run_summary(rpc::RunSummary::Reader in);
void write(const TableRequest& request, rpc::TableRequest::Builder out);
TableRequest read_table_request(rpc::TableRequest::Reader in);

void write(const actors::AuditReport& report, rpc::AuditReport::Builder out);
actors::AuditReport read_audit_report(rpc::AuditReport::Reader in);
void write(const actors::CheckReport& report, rpc::CheckReport::Builder out);
actors::CheckReport read_check_report(rpc::CheckReport::Reader in);

void write(const actors::DeadLetter& letter, rpc::DeadLetter::Builder out);
actors::DeadLetter read_dead_letter(rpc::DeadLetter::Reader in);
void write(const actors::RunOutcome& outcome, rpc::RunOutcome::Builder out);
actors::RunOutcome read_run_outcome(rpc::RunOutcome::Reader in);
void write(const ClosedDay& closed, rpc::DayClosing::Builder out);
ClosedDay read_closed_day(rpc::DayClosing::Reader in);

void write(const actors::WaitingMessage& message, rpc::WaitingMessage::Builder out);
actors::WaitingMessage read_waiting_message(rpc::WaitingMessage::Reader in);
void write_id(const actors::WaitingMessage& message, rpc::MessageId::Builder out);
/// Its name alone: what acknowledging needs.
actors::WaitingMessage read_message_id(rpc::MessageId::Reader in);

/// A list, element by element: `init(n)` makes it.
template <class Values, class Init>
void write_list(const Values& values, Init&& init) {
  auto list = init(static_cast<unsigned>(values.size()));
  unsigned i = 0;
  for (const auto& value : values) write(value, list[i++]);
}
template <class List, class Read>
auto read_list(List list, Read&& read) {
  std::vector<decltype(read(list[0]))> values;
  values.reserve(list.size());
  for (const auto element : list) values.push_back(read(element));
  return values;
}

}  // namespace hhgrid::net
