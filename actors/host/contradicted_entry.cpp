#include "actors/host/contradicted_entry.hpp"

#include <stdexcept>

#include "storage/wire/record.hpp"

namespace hhgrid::actors {

std::string_view to_string(ContradictedEntry::Kind kind) {
  switch (kind) {
    case ContradictedEntry::Kind::registration:
      return "registration";
    case ContradictedEntry::Kind::annual_consumption:
      return "annual_consumption";
    case ContradictedEntry::Kind::meter_register:
      return "meter_register";
    case ContradictedEntry::Kind::standing:
      break;
  }
  return "standing_data";
}

std::string participant_message_record(const ContradictedEntry& entry) {
  storage::RecordBuilder<schema::ParticipantMessageRecord> record;
  auto out = record->initContradicted();
  out.setKind(static_cast<std::uint8_t>(entry.kind));
  out.setPosition(entry.position.number());
  out.setAddress(entry.address);
  out.setHasDay(entry.day.has_value());
  out.setDay(entry.day.value_or(0));
  out.setPeriods(entry.periods);
  if (!entry.subject.empty()) out.setSubject(entry.subject);
  return record.bytes();
}

ContradictedEntry read_contradicted(schema::ParticipantMessageRecord::Contradicted::Reader record) {
  const auto kind = static_cast<ContradictedEntry::Kind>(record.getKind());
  if (kind < ContradictedEntry::Kind::registration ||
      kind > ContradictedEntry::Kind::meter_register)
    throw std::runtime_error("is of no kind of entry");
  ContradictedEntry entry{kind,
                          storage::Position::from_number(record.getPosition()),
                          record.getAddress().cStr(),
                          {},
                          record.getPeriods(),
                          record.getSubject().cStr()};
  if (record.getHasDay()) entry.day = record.getDay();
  return entry;
}

}  // namespace hhgrid::actors
