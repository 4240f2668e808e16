#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::storage {

/// What a partition keeps of a block that it has taken: where its entries came from, and when.
struct BlockOrigin {
  core::Instant received_at;
  std::uint32_t entry_count = 0;
  std::string source;
  SenderId sender;
  core::ParticipantId participant{};  ///< Empty: nobody is named.
};

/// The records of blocks; a key is the block's number.
inline constexpr Table<schema::BlockRecord> block_table{Family::block};
std::string block_key(BlockNumber block);
std::string block_record(const BlockOrigin& origin);
/// What throws is the record's fault (see read_record).
BlockOrigin read_block_record(schema::BlockRecord::Reader record);

/// Finds the block that brought an entry, by the entry's position: one look-up, and none when it is
/// among those found last. Not thread-safe.
class Provenance {
 public:
  /// What is committed: for the store's one writer.
  explicit Provenance(const Store& store);
  /// The view must outlive it.
  explicit Provenance(const Store::View& view);

  /// Valid until the next call. Errors: damaged when no block holds the position; the store's.
  tl::expected<const BlockOrigin*, Error> of(Position position);

 private:
  struct Slot {
    BlockNumber block = 0;
    BlockOrigin origin;
  };
  tl::expected<const Slot*, Error> slot_of(BlockNumber block);

  std::function<tl::expected<std::optional<BlockOrigin>, Error>(std::string_view key)> get_;
  std::string path_;
  std::vector<Slot> slots_;  // by block number, modulo their count; none before the first look-up
};

}  // namespace hhgrid::storage
