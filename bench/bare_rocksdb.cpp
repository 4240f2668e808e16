#include "bench/bare_rocksdb.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "actors/versions.hpp"
#include "storage/block_builder.hpp"

namespace hhgrid::bench {
namespace {

void must_be_ok(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

std::unique_ptr<rocksdb::DB> open(const std::filesystem::path& path) {
  rocksdb::Options o;
  o.create_if_missing = true;
  o.write_buffer_size = std::size_t{16} << 20;
  o.max_write_buffer_number = 4;
  o.allow_concurrent_memtable_write = false;
  o.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(4));
  o.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  o.level0_file_num_compaction_trigger = 8;
  o.target_file_size_base = 64u << 20;
  o.max_bytes_for_level_base = 1u << 30;
  o.max_background_jobs = 4;
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.block_size = 16 << 10;
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* db = nullptr;
  must_be_ok(rocksdb::DB::Open(o, path.string(), &db));
  return std::unique_ptr<rocksdb::DB>(db);
}

struct Put {
  actors::VersionKey key;
  storage::EntryWords bytes;
};

/// A batch's keys and where their values are, in key order: made before the clock starts.
std::vector<Put> ready(const storage::Block& block, storage::Position& position) {
  const storage::BlockView view(block);
  std::vector<Put> puts;
  puts.reserve(view.entries().size());
  for (const auto bytes : view.entries()) {
    storage::EntryView entry(bytes);
    const auto consumption = entry.entry()->getConsumption();
    puts.push_back({{core::UtcDay{consumption.getUtcDay()}, consumption.getMpan(),
                     static_cast<core::MeasurementQuantity>(consumption.getQuantity()), ++position},
                    bytes});
  }
  std::sort(puts.begin(), puts.end(), [](const Put& a, const Put& b) { return a.key < b.key; });
  return puts;
}

void put(rocksdb::DB& db, const std::vector<Put>& puts) {
  rocksdb::WriteBatch batch;
  char key[actors::version_key_bytes];
  for (const auto& put : puts) {
    actors::write_version_key(put.key, key);
    const auto bytes = put.bytes.asBytes();
    must_be_ok(
        batch.Put({key, sizeof key}, {reinterpret_cast<const char*>(bytes.begin()), bytes.size()}));
  }
  must_be_ok(batch.Put("position", fmt::format("{}", puts.back().key.position)));
  rocksdb::WriteOptions write;
  write.sync = true;
  must_be_ok(db.Write(write, &batch));
}

}  // namespace

double bare_rocksdb_seconds(const IngestOptions& options, const ReadyBuffer& buffer,
                            const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  std::vector<std::unique_ptr<rocksdb::DB>> databases;
  for (std::uint16_t p = 0; p < options.partitions; ++p)
    databases.push_back(open(directory / fmt::format("{}", p)));
  std::vector<std::vector<std::vector<Put>>> batches(databases.size());
  for (std::size_t p = 0; p < databases.size(); ++p) {
    storage::Position position = 0;
    for (const auto& block : buffer.consumption[p]) batches[p].push_back(ready(block, position));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto writer = [&](std::size_t first) {
    bool any = true;
    for (std::size_t n = 0; any; ++n) {
      any = false;
      for (std::size_t p = first; p < databases.size(); p += 2) {
        if (n >= batches[p].size()) continue;
        any = true;
        put(*databases[p], batches[p][n]);
      }
    }
  };
  std::thread other(writer, 1);
  writer(0);
  other.join();
  for (auto& db : databases) must_be_ok(db->Flush({}));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace hhgrid::bench
