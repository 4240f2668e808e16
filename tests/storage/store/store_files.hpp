#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "storage/store/store.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::storage::test {

using tests::FastDirectory;

/// Every file below a directory with its bytes, by relative path: what "nothing is changed" means.
inline std::map<std::string, std::string> files_of(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[std::filesystem::relative(entry.path(), directory).string()] = {
        std::istreambuf_iterator<char>(file), {}};
  }
  return files;
}

/// The same of what a store holds: without the logs, settings and manifests that RocksDB begins
/// anew at every open.
inline std::map<std::string, std::string> data_files_of(const std::filesystem::path& directory) {
  auto files = files_of(directory);
  std::erase_if(files, [](const auto& file) {
    const auto name = std::filesystem::path(file.first).filename().string();
    return name.starts_with("LOG") || name.starts_with("OPTIONS") || name.starts_with("MANIFEST") ||
           name == "CURRENT" || name.ends_with(".log");
  });
  return files;
}

/// A copy of a directory in use: what a crash would leave of it.
inline void copy_as_after_a_crash(const std::filesystem::path& from,
                                  const std::filesystem::path& to) {
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

/// Every record of a store, by family and key; what cannot be read shows its error.
inline std::map<std::string, std::string> records_of(const std::filesystem::path& store_path) {
  std::map<std::string, std::string> records;
  StoreOptions options;
  options.path = store_path;
  options.read_only = true;
  const auto store = Store::open(options);
  if (!store) return {{"error", store.error().text}};
  for (int i = 0; i < family_count; ++i) {
    const auto family = static_cast<Family>(i);
    const std::string name(to_string(family));
    const auto scanned =
        (*store)->scan(family, {}, {}, [&](std::string_view key, std::string_view value) {
          records[name + " " + std::string(key)] = value;
          return true;
        });
    if (!scanned) records[name] = scanned.error().text;
  }
  return records;
}

inline StoreOptions store_options(const std::filesystem::path& path) {
  StoreOptions options;
  options.path = path;
  options.memtable_bytes = 1 << 20;
  return options;
}

/// Flips bits in the middle of every table of a store; returns how many tables there were.
inline int damage_tables(const std::filesystem::path& directory) {
  int damaged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    char bytes[8];
    file.seekg(4).read(bytes, sizeof bytes);
    for (char& byte : bytes) byte = static_cast<char>(~byte);
    file.seekp(4).write(bytes, sizeof bytes);
    ++damaged;
  }
  return damaged;
}

}  // namespace hhgrid::storage::test
