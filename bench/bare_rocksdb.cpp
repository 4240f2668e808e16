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

#include "actors/meter/plain_version.hpp"
#include "actors/meter/versions.hpp"
#include "storage/wire/block_builder.hpp"

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
  std::string_view value;
};

/// Puts in key order, and what they refer to beside the buffer.
struct Batch {
  std::vector<Put> puts;
  std::vector<char> compact;
};

bool is_plain(schema::Entry::Consumption::Reader consumption) {
  return !consumption.hasDetail() && consumption.getPresentLow() == 0xffffffff &&
         consumption.getPresentHigh() == 0xffff;
}

/// A batch's keys and values, in key order: made before the clock starts.
Batch ready(const storage::Block& block, PeerValues values, storage::BlockNumber number) {
  const storage::BlockView view(block);
  Batch batch;
  auto& [puts, compact] = batch;
  puts.reserve(view.entries().size());
  char form[actors::plain_version_bytes_max];
  for (const auto words : view.entries()) {
    storage::EntryView entry(words);
    const auto consumption = entry.entry()->getConsumption();
    const actors::VersionKey key{core::UtcDay{consumption.getUtcDay()},
                                 core::Mpan::unchecked(consumption.getMpan()),
                                 static_cast<core::MeasurementQuantity>(consumption.getQuantity()),
                                 {number, static_cast<std::uint32_t>(puts.size())}};
    const auto size =
        values == PeerValues::as_stored && is_plain(consumption)
            ? actors::write_plain_version(
                  key, static_cast<core::Quality>(consumption.getQuality()),
                  {consumption.getValues().begin(), consumption.getValues().size()}, form)
            : 0;
    compact.insert(compact.end(), form, form + size);
    const auto bytes = words.asBytes();
    puts.push_back({key, size > 0 ? std::string_view(nullptr, size)
                                  : std::string_view(reinterpret_cast<const char*>(bytes.begin()),
                                                     bytes.size())});
  }
  const char* next = compact.data();  // stays where it is from here on
  for (auto& put : puts)
    if (put.value.data() == nullptr) {
      put.value = {next, put.value.size()};
      next += put.value.size();
    }
  std::sort(puts.begin(), puts.end(), [](const Put& a, const Put& b) { return a.key < b.key; });
  return batch;
}

void put(rocksdb::DB& db, const std::vector<Put>& puts) {
  rocksdb::WriteBatch batch;
  char key[actors::version_key_bytes_max];
  for (const auto& put : puts) {
    const auto size = actors::write_version_key(put.key, key);
    must_be_ok(batch.Put({key, size}, {put.value.data(), put.value.size()}));
  }
  must_be_ok(batch.Put("position", to_string(puts.back().key.position)));
  rocksdb::WriteOptions write;
  write.sync = true;
  must_be_ok(db.Write(write, &batch));
}

}  // namespace

double bare_rocksdb_seconds(const IngestOptions& options, const ReadyBuffer& buffer,
                            PeerValues values, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  std::vector<std::unique_ptr<rocksdb::DB>> databases;
  for (std::uint16_t p = 0; p < options.partitions; ++p)
    databases.push_back(open(directory / fmt::format("{}", p)));
  std::vector<std::vector<Batch>> batches(databases.size());
  for (std::size_t p = 0; p < databases.size(); ++p) {
    storage::BlockNumber number = 0;
    for (const auto& block : buffer.consumption[p])
      batches[p].push_back(ready(block, values, ++number));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto writer = [&](std::size_t first) {
    bool any = true;
    for (std::size_t n = 0; any; ++n) {
      any = false;
      for (std::size_t p = first; p < databases.size(); p += 2) {
        if (n >= batches[p].size()) continue;
        any = true;
        put(*databases[p], batches[p][n].puts);
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
