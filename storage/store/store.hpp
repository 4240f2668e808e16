#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "storage/wire/block.hpp"
#include "storage/wire/error.hpp"

namespace rocksdb {
class Cache;
class Env;
}  // namespace rocksdb

namespace hhgrid::storage {

/// The column families of a partition's store (docs/architecture.md, "Storage").
enum class Family : std::uint8_t {
  meta,         ///< Format version, journal position, counters, marks of senders and destinations.
  actor,        ///< Actor state: meters, terms, limits, refusals; in the market partition standing
                ///< data, in a GSP Group's its takes and its BM units' days.
  consumption,  ///< UTC day, meter, quantity, position, n: one version of a meter-day.
  presence,     ///< UTC day, quantity: which meters have data; which meters a day expects.
  ledger,       ///< Settlement day, terms, quantity: running sums; what the market has been told.
  run,          ///< Run id ...: frozen sums, defaults, results.
  outbox,       ///< What has to leave: destination, n; participant, position, n.
  dead_letter,  ///< Position: entry and reason.
  block,        ///< Number of a block: provenance.
  arrival,      ///< Time of receipt, block: which meters, on which UTC days, it is about, and by
                ///< how much it has changed load-shape sums.
};
inline constexpr int family_count = 10;
std::string_view to_string(Family family);

/// What one turn batch changes; becomes visible and durable as a whole or not at all.
class Commit {
 public:
  explicit Commit(const class Store& store);
  ~Commit();
  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);
  /// Empties it for the next block, and keeps its memory: a block of the usual size then costs no
  /// page faults.
  void clear();

 private:
  friend class Store;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What all stores of a process share.
struct StoreResources {
  std::shared_ptr<rocksdb::Cache> block_cache;
  static StoreResources make(std::size_t block_cache_bytes, int background_threads);
};

struct StoreOptions {
  std::filesystem::path path;
  std::size_t memtable_bytes = std::size_t{16} << 20;
  bool read_only = false;
  StoreResources resources;
  int open_files_max = 512;  ///< Table files kept open.
};

/// One partition's RocksDB. Writes go without a write-ahead log: the journal is the log, and all
/// families are flushed atomically, so that what is on disk after a crash is the state at one
/// journal position. One writer; any number of readers on any thread.
class Store {
 public:
  /// Creates or opens. Errors: in_use, damaged, missing_family, foreign, io; each names path and
  /// cause and changes nothing.
  static tl::expected<std::unique_ptr<Store>, Error> open(const StoreOptions& options);
  ~Store();

  /// The one write function. `block` is the last block of the journal that it holds. Errors:
  /// no_space, io. Nothing of the commit is visible then. After no_space try again: a few seconds
  /// after there is room for a memtable, RocksDB takes writes again by itself.
  tl::expected<void, Error> commit(const Commit& commit, BlockNumber block);
  /// Lets RocksDB try again after another failure (io) of a background write.
  tl::expected<void, Error> resume();
  /// Makes everything committed durable and waits for it (`wait`), or only starts that.
  tl::expected<void, Error> flush(bool wait);
  /// The last block whose commit is on disk.
  BlockNumber durable_block() const { return durable_block_.load(); }
  /// Tells the store which block it was found at when opened: all of that is on disk.
  void loaded(BlockNumber block);
  /// Called on a background thread whenever durable_block rises.
  void on_durable(std::function<void(BlockNumber)> callback);

  tl::expected<std::optional<std::string>, Error> get(Family family, std::string_view key) const;
  /// Calls `visit(key, value)` for keys in [from, to) in order until it returns false. An empty
  /// `to` is the end.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  tl::expected<void, Error> scan(Family family, std::string_view from, std::string_view to,
                                 const Visit& visit) const;
  /// The same over keys that start with `prefix`.
  tl::expected<void, Error> scan_prefix(Family family, std::string_view prefix,
                                        const Visit& visit) const;

  /// Whether what a scan reads stays in the block cache. A pass over very many records would only
  /// drive out what others use again.
  enum class Caching : std::uint8_t { keep, pass };

  /// A consistent view for several reads; holds back compaction of old records while it lives.
  class View {
   public:
    explicit View(const Store& store);
    ~View();
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    tl::expected<std::optional<std::string>, Error> get(Family family, std::string_view key) const;
    tl::expected<void, Error> scan(Family family, std::string_view from, std::string_view to,
                                   const Visit& visit, Caching caching = Caching::keep) const;
    tl::expected<void, Error> scan_prefix(Family family, std::string_view prefix,
                                          const Visit& visit,
                                          Caching caching = Caching::keep) const;
    /// The record with the greatest key below `key`; nothing when there is none.
    using Record = std::pair<std::string, std::string>;
    tl::expected<std::optional<Record>, Error> last_before(Family family,
                                                           std::string_view key) const;
    const std::filesystem::path& path() const { return store_.path(); }

   private:
    const Store& store_;
    const void* snapshot_;
  };

  /// Goes from record to record, as they were when it was made; for many look-ups in a row, which
  /// it makes cheap.
  class Cursor {
   public:
    Cursor(const Store& store, Family family);
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    /// To the first record whose key is not below. False when there is none, or it cannot be read.
    bool seek(std::string_view key);
    /// To the next one.
    bool next();
    /// Of the record; valid until the cursor moves.
    std::string_view key() const;
    std::string_view value() const;
    /// What kept it from reading.
    tl::expected<void, Error> status() const;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  const std::filesystem::path& path() const { return path_; }
  /// Bytes of live table files.
  std::uint64_t disk_bytes() const;
  /// Bytes of memtables and of the table readers' indexes, beside the block cache.
  std::uint64_t memory_bytes() const;

 private:
  friend class Commit;
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl, std::filesystem::path path);
  tl::expected<std::optional<std::string>, Error> get_at(const void* snapshot, Family family,
                                                         std::string_view key) const;
  tl::expected<void, Error> scan_at(const void* snapshot, Family family, std::string_view from,
                                    std::string_view to, const Visit& visit, Caching caching) const;

  std::unique_ptr<Impl> impl_;
  std::filesystem::path path_;
  std::atomic<BlockNumber> durable_block_{0};
};

/// The smallest key greater than every key with this prefix; empty when there is none.
std::string prefix_end(std::string_view prefix);

}  // namespace hhgrid::storage
