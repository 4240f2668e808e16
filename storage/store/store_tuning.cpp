#include "storage/store/store_tuning.hpp"

#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "storage/store/store_log.hpp"

namespace hhgrid::storage {
namespace {

/// Key prefix of `consumption` that batches share: the UTC day. Batches are written in key order,
/// so that an insert goes on where the one before it ended.
constexpr std::size_t day_prefix = 4;

}  // namespace

rocksdb::DBOptions database_options(const StoreOptions& options) {
  rocksdb::DBOptions o;
  o.create_if_missing = !options.read_only;
  o.create_missing_column_families = !options.read_only;
  o.atomic_flush = true;
  o.allow_concurrent_memtable_write = false;  // one writer; required by inserts with a hint
  o.max_background_jobs = 4;
  o.max_open_files = options.open_files_max;
  o.info_log = make_store_log(options.path.string());
  o.avoid_unnecessary_blocking_io = true;
  return o;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const StoreOptions& options) {
  rocksdb::ColumnFamilyOptions o;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = options.resources.block_cache;
  table.format_version = 5;
  table.block_size = 16 << 10;
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  o.write_buffer_size = options.memtable_bytes;
  o.max_write_buffer_number = 4;
  o.compression = rocksdb::kLZ4Compression;
  if (family == Family::consumption) {
    o.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(day_prefix));
    // A file that has just been flushed is merged soon: to compress it twice would take a tenth of
    // the processor time of ingestion.
    o.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
    o.level0_file_num_compaction_trigger = 8;
    o.level0_slowdown_writes_trigger = 32;
    o.level0_stop_writes_trigger = 48;
    o.target_file_size_base = 64u << 20;
    o.max_bytes_for_level_base = 1u << 30;
  }
  return o;
}

}  // namespace hhgrid::storage
