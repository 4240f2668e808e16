#include "actors/host/delivery.hpp"

namespace hhgrid::actors {
namespace {

/// Ingestion has a sender a command, with a source a file.
constexpr std::size_t sources_max = 1'000;

}  // namespace

void DeliveryAtHand::take(const storage::BlockId& id, const std::string& source,
                          storage::BlockNumber block) {
  const bool first = id.n == 1;
  if (first || sender_ != id.sender) {
    sender_ = id.sender;
    sender_is_known_ = first;
    sources_.clear();
  } else if (source_ == source && !source.empty()) {
    return;
  }
  if (sources_.size() >= sources_max) {  // from here on nobody knows what it has named
    sources_.clear();
    sender_is_known_ = false;
  }
  // A source that comes back goes on with a delivery that others lie in.
  const bool is_new = sources_.insert(source).second;
  source_ = source;
  began_ = sender_is_known_ && is_new ? std::optional(block) : std::nullopt;
  // Without a source every entry is a delivery of its own: none began before the next block.
  if (source.empty()) began_ = block + 1;
}

}  // namespace hhgrid::actors
