#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include "storage/store/store.hpp"

namespace hhgrid::storage {

/// By Family.
inline constexpr std::array<std::string_view, family_count> family_names = {
    "meta", "actor", "consumption", "presence", "ledger", "run", "outbox", "dead_letter", "batch"};

/// Remembers which journal position each commit's sequence number stands for, so that a finished
/// flush tells what is durable.
struct FlushListener : rocksdb::EventListener {
  std::mutex mutex;
  std::deque<std::pair<rocksdb::SequenceNumber, Position>>
      committed;  // first number of each commit
  std::atomic<Position>* durable = nullptr;
  std::function<void(Position)> callback;

  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override {
    if (info.cf_name != to_string(Family::meta))
      return;  // every commit writes `meta`, so it is part of every flush
    std::function<void(Position)> call;
    Position position = 0;
    {
      const std::lock_guard lock(mutex);
      while (!committed.empty() && committed.front().first <= info.largest_seqno) {
        position = committed.front().second;
        committed.pop_front();
      }
      if (position <= durable->load()) return;
      durable->store(position);
      call = callback;
    }
    if (call) call(position);
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
