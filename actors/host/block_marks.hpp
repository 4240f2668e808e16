#pragma once

#include <cstdint>
#include <string>

#include <absl/container/flat_hash_map.h>
#include <tl/expected.hpp>

#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/block.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

// The numbers of blocks, in Family::meta: the last n taken of each sender, the last n sent to each
// destination. Each is a record of its own, written when it changes.

inline constexpr storage::Table<schema::MarkRecord> sender_marks{storage::Family::meta, "s"},
    destination_marks{storage::Family::meta, "d"};
std::string sender_mark_key(const storage::SenderId& sender);
std::string destination_mark_key(storage::PartitionId destination);
std::string mark_record(std::uint64_t n, std::uint64_t number = 0);

/// What a partition has taken of a sender.
struct SenderMark {
  std::uint64_t n = 0;       ///< Of its last block; 0: none.
  std::uint64_t number = 0;  ///< Which of the sender's own that is part of; 0: not counted.
};
/// Errors: damaged, newer_format, io.
tl::expected<SenderMark, storage::Error> read_sender_mark(const storage::Store& store,
                                                          const storage::SenderId& sender);

/// The last n sent to a destination; 0 when none. Errors as above.
tl::expected<std::uint64_t, storage::Error> read_destination_mark(const storage::Store& store,
                                                                  storage::PartitionId destination);

/// Says which blocks of a sender a partition takes: each n once, in order. A smaller n than the
/// next is a repeat; a greater one came early, and comes again in its turn.
class SenderMarks {
 public:
  enum class Turn : std::uint8_t { next, repeat, early };

  /// Errors: damaged, newer_format, io.
  tl::expected<Turn, storage::Error> turn_of(const storage::BlockId& block,
                                             const storage::Store& store);
  /// A block whose turn it was has been taken. `number`: the sender's own. `ends_sender`: the
  /// sender is forgotten.
  void taken(const storage::BlockId& block, std::uint64_t number, bool ends_sender,
             storage::Commit& commit);

 private:
  absl::flat_hash_map<storage::SenderId, std::uint64_t> last_;  // of those seen since the start
};

}  // namespace hhgrid::actors
