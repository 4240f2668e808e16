#include "storage/store/store.hpp"

#include <mutex>
#include <set>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include "storage/store/database.hpp"
#include "storage/store/store_impl.hpp"
#include "storage/store/store_status.hpp"

namespace hhgrid::storage {
namespace {

constexpr std::size_t scan_readahead_bytes = std::size_t{1} << 20;

}  // namespace

std::string_view to_string(Family family) {
  return family_names.at(static_cast<std::size_t>(family));
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (static_cast<unsigned char>(end.back()) != 0xff) {
      end.back() = static_cast<char>(end.back() + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

StoreResources StoreResources::make(std::size_t block_cache_bytes, int background_threads) {
  rocksdb::Env* env = rocksdb::Env::Default();
  env->SetBackgroundThreads(background_threads, rocksdb::Env::HIGH);
  env->SetBackgroundThreads(background_threads, rocksdb::Env::LOW);
  return {rocksdb::NewLRUCache(block_cache_bytes)};
}

void remove_empty_logs(const std::filesystem::path& directory, std::size_t kept) {
  std::set<std::pair<std::size_t, std::filesystem::path>> logs;  // by the length of their numbers
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed))
    if (entry.path().extension() == ".log" && entry.file_size(failed) == 0 && !failed)
      logs.emplace(entry.path().native().size(), entry.path());
  // One that cannot be removed does no harm.
  while (logs.size() > kept) {
    std::filesystem::remove(logs.begin()->second, failed);
    logs.erase(logs.begin());
  }
}

struct Commit::Impl {
  explicit Impl(const Store::Impl& s) : store(s) {}
  const Store::Impl& store;
  rocksdb::WriteBatch batch;
};

Commit::Commit(const Store& store) : impl_(std::make_unique<Impl>(*store.impl_)) {}
Commit::~Commit() = default;

void Commit::put(Family family, std::string_view key, std::string_view value) {
  impl_->batch.Put(impl_->store.handle(family), rocksdb::Slice(key.data(), key.size()),
                   rocksdb::Slice(value.data(), value.size()));
}

void Commit::erase(Family family, std::string_view key) {
  impl_->batch.Delete(impl_->store.handle(family), rocksdb::Slice(key.data(), key.size()));
}

void Commit::clear() {
  constexpr std::size_t kept_bytes_max = std::size_t{16} << 20;
  if (impl_->batch.GetDataSize() > kept_bytes_max)
    impl_->batch = rocksdb::WriteBatch();
  else
    impl_->batch.Clear();
}

Store::Store(std::unique_ptr<Impl> impl, std::filesystem::path path)
    : impl_(std::move(impl)), path_(std::move(path)) {
  impl_->listener->durable = &durable_block_;
}
Store::~Store() = default;

tl::expected<std::unique_ptr<Store>, Error> Store::open(const StoreOptions& options) {
  auto impl = std::make_unique<Impl>();
  auto database = open_database(options, impl->listener);
  if (!database) return tl::unexpected(database.error());
  impl->db = std::move(database->db);
  impl->handles = std::move(database->handles);
  impl->path = options.path;
  impl->read_only = options.read_only;
  if (!options.read_only) remove_empty_logs(options.path, 1);
  return std::unique_ptr<Store>(new Store(std::move(impl), options.path));
}

tl::expected<void, Error> Store::commit(const Commit& commit, BlockNumber block) {
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  rocksdb::WriteBatch& batch = commit.impl_->batch;
  {
    // Before the write: a flush may end before this thread comes back from it.
    const std::lock_guard lock(impl_->listener->mutex);
    impl_->listener->committed.emplace_back(impl_->db->GetLatestSequenceNumber() + 1, block);
  }
  const auto status = impl_->db->Write(write, &batch);
  if (status.ok()) return {};
  const std::lock_guard lock(impl_->listener->mutex);
  impl_->listener->committed.pop_back();
  return tl::unexpected(to_error(status, path_.string()));
}

tl::expected<void, Error> Store::resume() {
  if (const auto status = impl_->db->Resume(); !status.ok())
    return tl::unexpected(to_error(status, path_.string()));
  return {};
}

tl::expected<void, Error> Store::flush(bool wait) {
  rocksdb::FlushOptions options;
  options.wait = wait;
  options.allow_write_stall = true;
  const std::vector<rocksdb::ColumnFamilyHandle*> families(impl_->handles.begin(),
                                                           impl_->handles.end());
  if (const auto status = impl_->db->Flush(options, families); !status.ok())
    return tl::unexpected(to_error(status, path_.string()));
  return {};
}

void Store::loaded(BlockNumber block) { durable_block_.store(block); }

void Store::on_durable(std::function<void(BlockNumber)> callback) {
  const std::lock_guard lock(impl_->listener->mutex);
  impl_->listener->callback = std::move(callback);
}

tl::expected<std::optional<std::string>, Error> Store::get_at(const void* snapshot, Family family,
                                                              std::string_view key) const {
  rocksdb::ReadOptions read;
  read.snapshot = static_cast<const rocksdb::Snapshot*>(snapshot);
  std::string value;
  const auto status =
      impl_->db->Get(read, impl_->handle(family), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.ok()) return std::optional<std::string>(std::move(value));
  if (status.IsNotFound()) return std::optional<std::string>();
  return tl::unexpected(to_error(status, path_.string() + " " + std::string(to_string(family))));
}

tl::expected<void, Error> Store::scan_at(const void* snapshot, Family family, std::string_view from,
                                         std::string_view to, const Visit& visit,
                                         Caching caching) const {
  rocksdb::ReadOptions read;
  read.snapshot = static_cast<const rocksdb::Snapshot*>(snapshot);
  const rocksdb::Slice end(to.data(), to.size());
  if (!to.empty()) read.iterate_upper_bound = &end;
  read.adaptive_readahead = true;
  if (caching == Caching::pass) {
    read.fill_cache = false;
    read.readahead_size = scan_readahead_bytes;
  }
  const std::unique_ptr<rocksdb::Iterator> it(impl_->db->NewIterator(read, impl_->handle(family)));
  for (it->Seek(rocksdb::Slice(from.data(), from.size())); it->Valid(); it->Next()) {
    const auto key = it->key();
    const auto value = it->value();
    if (!visit({key.data(), key.size()}, {value.data(), value.size()})) return {};
  }
  if (!it->status().ok())
    return tl::unexpected(
        to_error(it->status(), path_.string() + " " + std::string(to_string(family))));
  return {};
}

tl::expected<std::optional<std::string>, Error> Store::get(Family family,
                                                           std::string_view key) const {
  return get_at(nullptr, family, key);
}

tl::expected<void, Error> Store::scan(Family family, std::string_view from, std::string_view to,
                                      const Visit& visit) const {
  return scan_at(nullptr, family, from, to, visit, Caching::keep);
}

tl::expected<void, Error> Store::scan_prefix(Family family, std::string_view prefix,
                                             const Visit& visit) const {
  return scan_at(nullptr, family, prefix, prefix_end(prefix), visit, Caching::keep);
}

Store::View::View(const Store& store) : store_(store), snapshot_(store.impl_->db->GetSnapshot()) {}
Store::View::~View() {
  store_.impl_->db->ReleaseSnapshot(static_cast<const rocksdb::Snapshot*>(snapshot_));
}

tl::expected<std::optional<std::string>, Error> Store::View::get(Family family,
                                                                 std::string_view key) const {
  return store_.get_at(snapshot_, family, key);
}

tl::expected<void, Error> Store::View::scan(Family family, std::string_view from,
                                            std::string_view to, const Visit& visit,
                                            Caching caching) const {
  return store_.scan_at(snapshot_, family, from, to, visit, caching);
}

tl::expected<void, Error> Store::View::scan_prefix(Family family, std::string_view prefix,
                                                   const Visit& visit, Caching caching) const {
  return store_.scan_at(snapshot_, family, prefix, prefix_end(prefix), visit, caching);
}

tl::expected<std::optional<Store::View::Record>, Error> Store::View::last_before(
    Family family, std::string_view key) const {
  rocksdb::ReadOptions read;
  read.snapshot = static_cast<const rocksdb::Snapshot*>(snapshot_);
  const rocksdb::Slice end(key.data(), key.size());
  read.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(
      store_.impl_->db->NewIterator(read, store_.impl_->handle(family)));
  it->SeekToLast();
  if (it->Valid()) return Record(it->key().ToString(), it->value().ToString());
  if (!it->status().ok())
    return tl::unexpected(
        to_error(it->status(), store_.path_.string() + " " + std::string(to_string(family))));
  return std::optional<Record>();
}

struct Store::Cursor::Impl {
  const Store& store;
  Family family;
  std::unique_ptr<rocksdb::Iterator> it;
};

Store::Cursor::Cursor(const Store& store, Family family)
    : impl_(std::make_unique<Impl>(
          Impl{store, family,
               std::unique_ptr<rocksdb::Iterator>(store.impl_->db->NewIterator(
                   rocksdb::ReadOptions(), store.impl_->handle(family)))})) {}
Store::Cursor::~Cursor() = default;

bool Store::Cursor::seek(std::string_view key) {
  impl_->it->Seek(rocksdb::Slice(key.data(), key.size()));
  return impl_->it->Valid();
}

bool Store::Cursor::next() {
  impl_->it->Next();
  return impl_->it->Valid();
}

std::string_view Store::Cursor::key() const {
  const auto key = impl_->it->key();
  return {key.data(), key.size()};
}

std::string_view Store::Cursor::value() const {
  const auto value = impl_->it->value();
  return {value.data(), value.size()};
}

tl::expected<void, Error> Store::Cursor::status() const {
  if (impl_->it->status().ok()) return {};
  return tl::unexpected(to_error(impl_->it->status(), impl_->store.path_.string() + " " +
                                                          std::string(to_string(impl_->family))));
}

std::uint64_t Store::disk_bytes() const {
  std::uint64_t total = 0;
  for (auto* handle : impl_->handles) {
    std::uint64_t bytes = 0;
    if (impl_->db->GetIntProperty(handle, rocksdb::DB::Properties::kLiveSstFilesSize, &bytes))
      total += bytes;
  }
  return total;
}

std::uint64_t Store::memory_bytes() const {
  std::uint64_t total = 0;
  for (auto* handle : impl_->handles)
    for (const auto& property : {rocksdb::DB::Properties::kCurSizeAllMemTables,
                                 rocksdb::DB::Properties::kEstimateTableReadersMem}) {
      std::uint64_t bytes = 0;
      if (impl_->db->GetIntProperty(handle, property, &bytes)) total += bytes;
    }
  return total;
}

}  // namespace hhgrid::storage
