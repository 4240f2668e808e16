#include "net/tables/provenance.hpp"

#include <limits>
#include <utility>

#include "core/decimal.hpp"

namespace hhgrid::net {

tl::expected<Provenance, storage::Error> Provenance::load(const MeterStores& stores) {
  Provenance provenance;
  for (std::size_t partition = 0; partition < stores.size(); ++partition) {
    Blocks& blocks = provenance.blocks_.emplace_back();
    const auto* const view = stores.view(partition);
    if (view == nullptr) continue;
    const auto read = storage::block_table.each(
        *view, [&](storage::KeyReader& key, schema::BlockRecord::Reader record) {
          blocks.emplace(key.u64(), storage::read_block_record(record));
        });
    if (!read) return tl::unexpected(read.error());
  }
  return provenance;
}

const storage::BlockOrigin* Provenance::find(std::size_t partition,
                                             storage::Position position) const {
  const auto& blocks = blocks_.at(partition);
  const auto found = blocks.find(position.block());
  return found == blocks.end() ? nullptr : &found->second;
}

actors::AsOf Provenance::as_of(std::size_t partition, core::Instant cutoff,
                               storage::Position last) const {
  return actors::AsOf(last, cutoff, [this, partition](storage::Position position) {
    const auto* block = find(partition, position);
    // Unknown provenance counts as received too late to count.
    return block == nullptr ? core::Instant{std::numeric_limits<std::int64_t>::max()}
                            : block->received_at;
  });
}

void write_origin(const storage::BlockOrigin* block, TableWriter& out) {
  if (block == nullptr) {
    out.blank().blank().blank();
    return;
  }
  out.text(core::format_instant(block->received_at)).text(block->source);
  block->participant.empty() ? out.blank() : out.text(block->participant.view());
}

}  // namespace hhgrid::net
