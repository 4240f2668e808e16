#include "actors/meter/terms_table.hpp"

#include "actors/host/message_codec.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

TermsId TermsTable::intern(const core::Terms& terms) {
  const auto [it, inserted] = ids_.try_emplace(terms, static_cast<TermsId>(terms_.size()));
  if (inserted) terms_.push_back(terms);
  return it->second;
}

void TermsTable::take(TermsId id, schema::Terms::Reader terms) {
  if (id != terms_.size())
    refuse_field("terms", std::to_string(id), "expected " + std::to_string(terms_.size()));
  const auto read = storage::read_terms(terms);
  if (!read) throw TurnFailure(read.error().text);
  intern(*read);
}

void TermsTable::write(storage::Commit& commit) {
  for (; written_ < terms_.size(); ++written_) {
    storage::RecordBuilder<schema::TermsRecord> record;
    storage::write_terms(terms_[written_], record->initTerms());
    commit.put(terms_records.family(), terms_records.key().u32(static_cast<TermsId>(written_)),
               record.bytes());
  }
}

}  // namespace hhgrid::actors
