#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include "storage/store/store.hpp"

namespace hhgrid::storage {

/// Remembers which block of the journal each commit's sequence number stands for, so that a
/// finished flush tells what is durable.
struct FlushListener : rocksdb::EventListener {
  std::mutex mutex;
  std::deque<std::pair<rocksdb::SequenceNumber, BlockNumber>>
      committed;  // first number of each commit
  std::atomic<BlockNumber>* durable = nullptr;
  std::function<void(BlockNumber)> callback;

  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override {
    if (info.cf_name != to_string(Family::meta))
      return;  // every commit writes `meta`, so it is part of every flush
    std::function<void(BlockNumber)> call;
    BlockNumber block = 0;
    {
      const std::lock_guard lock(mutex);
      while (!committed.empty() && committed.front().first <= info.largest_seqno) {
        block = committed.front().second;
        committed.pop_front();
      }
      if (block <= durable->load()) return;
      durable->store(block);
      call = callback;
    }
    if (call) call(block);
  }
};

/// RocksDB begins a write-ahead log with every opening, which stays empty here, and keeps those of
/// earlier ones. Removes all but the newest `kept`; the store must be locked.
void remove_empty_logs(const std::filesystem::path& directory, std::size_t kept);

struct Store::Impl {
  std::filesystem::path path;
  bool read_only = false;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::shared_ptr<FlushListener> listener = std::make_shared<FlushListener>();

  ~Impl() {
    if (!db) return;
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    db->Close();
    if (!read_only) remove_empty_logs(path, 0);
  }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles[static_cast<std::size_t>(family)];
  }
};

}  // namespace hhgrid::storage
