#include "actors/meter/refusal_message.hpp"

#include <stdexcept>

#include "storage/wire/record.hpp"

namespace hhgrid::actors {

RefusalMessage message_of(const RefusalChange& change) {
  RefusalMessage message{change.version, change.refused,
                         change.before.all() & ~change.refused.all()};
  for (auto& periods : message.refused.by_code) periods &= ~change.before.all();
  return message;
}

std::string participant_message_record(const RefusalMessage& message) {
  storage::RecordBuilder<schema::ParticipantMessageRecord> record;
  auto out = record->initReading();
  const std::string version = version_key(message.version);
  out.setVersion(kj::arrayPtr(reinterpret_cast<const kj::byte*>(version.data()), version.size()));
  write_refused(message.refused, [&](unsigned n) { return out.initRefused(n); });
  out.setAllowed(message.allowed);
  return record.bytes();
}

namespace {

RefusalMessage read_refusal(schema::ParticipantMessageRecord::Reading::Reader record) {
  const auto bytes = record.getVersion();
  const auto version = read_version_key(
      {reinterpret_cast<const char*>(bytes.begin()), bytes.size()}, "the message's version");
  if (!version) throw std::runtime_error(version.error().text);
  RefusalMessage message{*version, read_refused(record.getRefused()), record.getAllowed()};
  if ((message.refused.all() & message.allowed) != 0 || (message.allowed & ~all_periods_mask) != 0)
    throw std::runtime_error("its half hours do not hold");
  return message;
}

}  // namespace

ParticipantMessage read_participant_message(schema::ParticipantMessageRecord::Reader record) {
  if (record.isReading()) return read_refusal(record.getReading());
  if (record.isContradicted()) return read_contradicted(record.getContradicted());
  throw std::runtime_error("tells nothing that this program knows");
}

}  // namespace hhgrid::actors
