#include "actors/meter/terms_table.hpp"

#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Error;
using storage::Family;

TermsId TermsTable::intern(const core::Terms& terms) {
  const auto [it, inserted] = ids_.try_emplace(terms, static_cast<TermsId>(terms_.size()));
  if (inserted) terms_.push_back(terms);
  return it->second;
}

tl::expected<void, Error> TermsTable::take(std::string_view key, std::string_view value,
                                           const std::string& where) {
  storage::KeyReader reader(key.substr(1));
  const TermsId id = reader.u32();
  const std::string place = where + " terms " + std::to_string(id);
  if (!reader.complete() || id != terms_.size())
    return tl::unexpected(
        Error{storage::Errc::damaged, place + ": expected terms " + std::to_string(terms_.size())});
  auto terms = storage::read_record<schema::TermsRecord>(
      value, place, [](auto record) { return storage::read_terms(record.getTerms()); });
  if (!terms) return tl::unexpected(terms.error());
  if (!*terms)
    return tl::unexpected(Error{storage::Errc::damaged, place + ": " + terms->error().text});
  intern(**terms);
  return {};
}

void TermsTable::write(storage::Commit& commit) {
  for (; written_ < terms_.size(); ++written_) {
    storage::RecordBuilder<schema::TermsRecord> record;
    storage::write_terms(terms_[written_], record->initTerms());
    commit.put(Family::actor, storage::KeyWriter().tag('t').u32(static_cast<TermsId>(written_)),
               record.bytes());
  }
}

}  // namespace hhgrid::actors
