#include "storage/store/database.hpp"

#include <algorithm>

#include "storage/disk/file.hpp"
#include "storage/store/store_status.hpp"
#include "storage/store/store_tuning.hpp"

namespace hhgrid::storage {
namespace {

/// Without its file CURRENT, RocksDB would take a store for a new one, and delete the tables.
tl::expected<void, Error> check_is_new(const std::filesystem::path& path) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(path, failed))
    if (entry.path().extension() == ".sst")
      return tl::unexpected(
          Error{Errc::damaged, path.string() +
                                   ": holds tables, but its file CURRENT is missing; restore this "
                                   "directory from a checkpoint"});
  return {};
}

/// Whether families have to be added to a store that is to be opened.
tl::expected<bool, Error> look_at_families(const rocksdb::DBOptions& options,
                                           const std::string& path) {
  std::vector<std::string> found;
  if (const auto status = rocksdb::DB::ListColumnFamilies(options, path, &found); !status.ok())
    return tl::unexpected(to_error(status, path));
  std::erase(found, rocksdb::kDefaultColumnFamilyName);
  return families_to_add(found, family_names, first_family_count, path).map([](const auto& names) {
    return !names.empty();
  });
}

using Families = std::vector<rocksdb::ColumnFamilyDescriptor>;

Families all_families(const StoreOptions& options) {
  Families families;
  for (int i = 0; i < family_count; ++i)
    families.emplace_back(std::string(family_names[static_cast<std::size_t>(i)]),
                          family_options(static_cast<Family>(i), options));
  // Nothing is in the default family. Its memtable counts all the same: after a full disk RocksDB
  // goes on by itself as soon as the largest memtable of all families would fit.
  rocksdb::ColumnFamilyOptions unused;
  unused.write_buffer_size = options.memtable_bytes;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, unused);
  return families;
}

/// Makes a store with all its families, and closes it.
tl::expected<void, Error> make(const StoreOptions& options, const Families& families) {
  const std::string path = options.path.string();
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  if (const auto made = rocksdb::DB::Open(database_options(options), path, families, &handles, &db);
      !made.ok())
    return tl::unexpected(to_error(made, path));
  const std::unique_ptr<rocksdb::DB> owned(db);
  for (auto* handle : handles) owned->DestroyColumnFamilyHandle(handle);
  if (const auto closed = owned->Close(); !closed.ok())
    return tl::unexpected(to_error(closed, path));
  return {};
}

/// RocksDB makes one family after the other. So a new store is made under another name and takes
/// its own when it is complete: whoever is interrupted leaves nothing that could not be opened
/// again.
tl::expected<void, Error> create(const StoreOptions& options, const Families& families) {
  StoreOptions unfinished = options;
  unfinished.path += ".new";
  std::error_code failed;
  const auto refused = [&] {
    const bool full = failed == std::errc::no_space_on_device;
    return tl::unexpected(Error{full ? Errc::no_space : Errc::io,
                                options.path.string() + ": cannot be made: " + failed.message()});
  };
  std::filesystem::remove_all(unfinished.path, failed);
  if (failed) return refused();
  std::filesystem::create_directories(unfinished.path, failed);
  if (failed) return refused();
  if (auto made = make(unfinished, families); !made) return made;
  std::filesystem::remove(options.path, failed);  // an empty directory is no store
  if (failed) return refused();
  std::filesystem::rename(unfinished.path, options.path, failed);
  if (failed) return refused();
  const auto parent = std::filesystem::absolute(options.path).parent_path();
  if (auto synced = make_file_system()->sync_directory(parent); !synced)
    return tl::unexpected(to_error(synced.error(), "sync", parent));
  return {};
}

}  // namespace

tl::expected<std::vector<std::string_view>, Error> families_to_add(
    const std::vector<std::string>& found, std::span<const std::string_view> known,
    std::size_t first_count, const std::string& path) {
  for (const auto& name : found)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return tl::unexpected(Error{Errc::foreign, path + ": has a column family `" + name +
                                                     "` that no store of this program has"});
  std::vector<std::string_view> missing;
  for (const auto name : known)
    if (std::find(found.begin(), found.end(), name) == found.end()) missing.push_back(name);
  for (const auto name : known.first(first_count))
    if (std::find(missing.begin(), missing.end(), name) != missing.end())
      return tl::unexpected(Error{Errc::missing_family,
                                  path + ": the column family `" + std::string(name) +
                                      "` is missing; restore this directory from a checkpoint"});
  return missing;
}

tl::expected<Database, Error> open_database(const StoreOptions& options,
                                            std::shared_ptr<rocksdb::EventListener> listener) {
  const std::string path = options.path.string();
  std::error_code ignored;
  const Families families = all_families(options);
  if (!std::filesystem::exists(options.path / "CURRENT", ignored)) {
    if (options.read_only) return tl::unexpected(Error{Errc::foreign, path + ": is no store"});
    if (auto is_new = check_is_new(options.path); !is_new) return tl::unexpected(is_new.error());
    if (auto created = create(options, families); !created) return tl::unexpected(created.error());
  }
  rocksdb::DBOptions db_options = database_options(options);
  const auto to_add = look_at_families(db_options, path);
  if (!to_add) return tl::unexpected(to_add.error());
  if (*to_add && options.read_only)
    return tl::unexpected(
        Error{Errc::older_format, path + ": was last written by an earlier version of the program, "
                                         "and is opened for reading only"});
  Database database;
  db_options.listeners.push_back(std::move(listener));
  rocksdb::DB* db = nullptr;
  const auto status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, path, families, &database.handles, &db)
          : rocksdb::DB::Open(db_options, path, families, &database.handles, &db);
  if (!status.ok()) {
    auto error = to_error(status, path);
    if (is_locked(status))
      error = {Errc::in_use, path + ": in use by another process (" + status.ToString() + ")"};
    return tl::unexpected(error);
  }
  database.db.reset(db);
  return database;
}

}  // namespace hhgrid::storage
