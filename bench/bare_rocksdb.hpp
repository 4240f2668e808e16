#pragma once

#include <filesystem>

#include "bench/ingest.hpp"
#include "bench/ingest_buffer.hpp"

namespace hhgrid::bench {

/// What a peer is given as the values of its keys.
enum class PeerValues {
  as_they_come,  ///< The entries of the buffer, byte for byte.
  as_stored,     ///< What the grid stores of them, made before the clock starts.
};

/// The peer of ingestion: one bare RocksDB per partition, tuned as the stores are, takes the same
/// versions in the same batches, already in key order, each batch with a synced write-ahead log,
/// and is flushed at the end. No checks, no ledger, no actors: what the storage engine alone can do
/// with these bytes. Seconds from the first put to the end of the flush.
double bare_rocksdb_seconds(const IngestOptions& options, const ReadyBuffer& buffer,
                            PeerValues values, const std::filesystem::path& directory);

}  // namespace hhgrid::bench
