#include "app/provenance.hpp"

#include <limits>

#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::app {

Result<Provenance> Provenance::load(const MeterStores& stores) {
  Provenance provenance;
  provenance.batches_.resize(stores.size());
  std::optional<Failure> failure;
  auto scanned = stores.scan_prefix(
      storage::Family::batch, {},
      [&](std::size_t partition, std::string_view key, std::string_view value) {
        const auto where = stores.where(partition) + " batch " + storage::printable_key(key);
        auto batch = storage::read_record<schema::BatchRecord>(value, where, [](auto record) {
          return Batch{core::Instant{record.getReceivedAt()}, record.getSource().cStr()};
        });
        if (!batch) return failure = failure_of(batch.error()), false;
        storage::KeyReader reader(key);
        const storage::Position first = reader.u64();
        if (!reader.complete())
          return failure = failure_of({storage::Errc::damaged, where + ": bad key"}), false;
        provenance.batches_[partition].emplace(first, std::move(*batch));
        return true;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  if (failure) return tl::unexpected(*failure);
  return provenance;
}

const Provenance::Batch* Provenance::find(std::size_t partition, storage::Position position) const {
  const auto& batches = batches_.at(partition);
  const auto after = batches.upper_bound(position);
  return after == batches.begin() ? nullptr : &std::prev(after)->second;
}

actors::AsOf Provenance::as_of(std::size_t partition, core::Instant cutoff,
                               storage::Position last) const {
  return actors::AsOf(last, cutoff, [this, partition](storage::Position position) {
    const auto* batch = find(partition, position);
    // Unknown provenance counts as received too late to count.
    return batch == nullptr ? core::Instant{std::numeric_limits<std::int64_t>::max()}
                            : batch->received_at;
  });
}

}  // namespace hhgrid::app
