#include "actors/standing/standing_refusals.hpp"

#include <stdexcept>

#include "core/validation/refusal.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Position;

std::string standing_refusal_key(std::string_view row_key, Position by) {
  return std::string(standing_refusal_tag)
      .append(row_key)
      .append(storage::KeyWriter().position(by).str());
}

std::string standing_refusal_record(const std::vector<StandingRefusal>& refused) {
  storage::RecordBuilder<schema::StandingRefusalRecord> record;
  auto list = record->initRefused(static_cast<unsigned>(refused.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setPosition(refused[i].version.number());
    list[i].setParts(refused[i].parts);
  }
  return record.bytes();
}

Reply standing_reply(const MarketEffects& effects) {
  if (effects.refused_rows == 0)
    return {effects.unchanged ? Reply::Kind::unchanged : Reply::Kind::accepted, {}, {}, {}};
  return {effects.refused ? Reply::Kind::refused : Reply::Kind::accepted,
          {},
          std::string(core::to_string(core::RefusalCode::contradicted)),
          std::string(standing_refusal_sentence)};
}

tl::expected<std::string, storage::Error> StandingRefusals::add(std::string_view key,
                                                                std::string_view value,
                                                                const storage::Where& where) {
  return storage::read_record<schema::StandingRefusalRecord>(value, where, [&](auto record) {
    const auto split = storage::split_position(key);
    if (!split || !key.starts_with(standing_refusal_tag) ||
        split->before.size() == standing_refusal_tag.size())
      throw std::runtime_error("is no key of a refusal");
    std::string row(split->before.substr(standing_refusal_tag.size()));
    const Position by = split->position;
    for (const auto one : record.getRefused()) {
      const auto version = Position::from_number(one.getPosition());
      if (version > by || one.getParts() == 0)
        throw std::runtime_error("refuses nothing, or what came later");
      add({by, version, one.getParts()});
    }
    return row;
  });
}

RowParts StandingRefusals::of(Position version, Position up_to) const {
  RowParts parts = 0;
  const auto found = of_version_.find(version);
  if (found == of_version_.end()) return parts;
  for (const auto& [by, refused] : found->second)
    if (by <= up_to) parts |= refused;
  return parts;
}

}  // namespace hhgrid::actors
