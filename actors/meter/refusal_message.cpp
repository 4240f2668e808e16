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

std::string refusal_message_record(const RefusalMessage& message) {
  storage::RecordBuilder<schema::ParticipantMessageRecord> record;
  const std::string version = version_key(message.version);
  record->setVersion(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(version.data()), version.size()));
  write_refused(message.refused, [&](unsigned n) { return record->initRefused(n); });
  record->setAllowed(message.allowed);
  return record.bytes();
}

RefusalMessage read_refusal_message(schema::ParticipantMessageRecord::Reader record) {
  const auto bytes = record.getVersion();
  const auto version = read_version_key(
      {reinterpret_cast<const char*>(bytes.begin()), bytes.size()}, "the message's version");
  if (!version) throw std::runtime_error(version.error().text);
  RefusalMessage message{*version, read_refused(record.getRefused()), record.getAllowed()};
  if ((message.refused.all() & message.allowed) != 0 || (message.allowed & ~all_periods_mask) != 0)
    throw std::runtime_error("its half hours do not hold");
  return message;
}

}  // namespace hhgrid::actors
