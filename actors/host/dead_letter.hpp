#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>

#include <capnp/common.h>
#include <kj/array.h>
#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/position.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// Entries whose turn failed, by position, each with the reason.
inline constexpr storage::Table<schema::DeadLetterRecord> dead_letter_records{
    storage::Family::dead_letter};

std::string dead_letter_key(storage::Position position);
std::string dead_letter_record(kj::ArrayPtr<const capnp::word> entry, const std::string& address,
                               const std::string& reason, core::Instant received_at);
/// The entry that a letter holds.
kj::Array<capnp::word> entry_of(schema::DeadLetterRecord::Reader letter);

/// The dead letters of a partition: those in its store, and what the block at hand does to them.
class DeadLetters {
 public:
  /// Counts what the store has, whatever it holds. Errors: io.
  tl::expected<void, storage::Error> load(const storage::Store& store);
  std::uint64_t count() const { return count_; }

  void begin_block() { before_block_ = count_; }
  /// What the block has done is undone.
  void take_back_all();
  void bury(storage::Position position, kj::ArrayPtr<const capnp::word> entry,
            const std::string& address, const std::string& reason, core::Instant received_at,
            storage::Commit& commit);
  /// The entry of a letter, valid until `committed`. Throws TurnFailure when there is none, or when
  /// this block has replayed it already; StoreFailure.
  kj::ArrayPtr<const capnp::word> take(storage::Position dead, const storage::Store& store);
  /// The replay has succeeded: the letter goes.
  void replayed(storage::Position dead, storage::Commit& commit);
  /// The block is in the store.
  void committed();

 private:
  std::uint64_t count_ = 0, before_block_ = 0;
  std::set<storage::Position> replayed_;      // the store has them until the block's commit
  std::deque<kj::Array<capnp::word>> taken_;  // entries whose bytes the commit may point to
};

}  // namespace hhgrid::actors
