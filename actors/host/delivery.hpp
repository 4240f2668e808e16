#pragma once

#include <optional>
#include <set>
#include <string>

#include "storage/journal/journal.hpp"
#include "storage/wire/block.hpp"

namespace hhgrid::actors {

/// Follows which delivery, a source of a sender, a partition's blocks are of: nearly always one's
/// blocks lie together, and then nobody has to look up where an entry came from.
class DeliveryAtHand {
 public:
  /// The next block.
  void take(const storage::BlockId& id, const std::string& source, storage::BlockNumber block);
  /// The block in which the delivery began, when every block since is of it; nothing when that is
  /// not known.
  std::optional<storage::BlockNumber> began() const { return began_; }

 private:
  storage::SenderId sender_;
  bool sender_is_known_ = false;   // from its first block on, and nobody else has come between
  std::set<std::string> sources_;  // that the sender has named
  std::string source_;
  std::optional<storage::BlockNumber> began_;
};

}  // namespace hhgrid::actors
