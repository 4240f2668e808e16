#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/disk/file.hpp"

namespace hhgrid::storage::test {

/// A file system in memory that keeps apart what programs see and what a power cut leaves, and that
/// can be made full, slow of hand (short writes) or broken. Outlives the journals that use it, as a
/// disk does. Thread-safe.
class MemoryFileSystem final : public FileSystem {
 public:
  static constexpr std::size_t sector_bytes = 512;

  // -- faults -----------------------------------------------------------------------------------

  /// The files together may have this many bytes; writes and allocations beyond fail with ENOSPC.
  std::optional<std::uint64_t> capacity;
  /// This many more bytes are written, then writes fail with `write_error`.
  std::optional<std::uint64_t> write_budget;
  int write_error = ENOSPC;
  /// No single write takes more.
  std::size_t write_bytes_max = SIZE_MAX;
  /// When not 0: what each of these answers, without doing anything.
  int allocate_error = 0, truncate_error = 0, rename_error = 0, remove_error = 0;
  /// What the next syncs answer, 0 for success; those after succeed.
  std::deque<int> sync_errors;

  /// So many more changes are made, then the program is dead: every further one fails with EIO and
  /// does nothing, until a restart or a power cut.
  std::optional<std::uint64_t> changes_until_death;

  // -- looking and damaging ---------------------------------------------------------------------

  std::set<std::string> names() const {
    std::lock_guard lock(mutex_);
    std::set<std::string> names;
    for (const auto& [path, inode] : names_) names.insert(path.filename());
    return names;
  }
  std::vector<std::byte>& content(const std::filesystem::path& path) {
    return names_.at(path)->now;
  }
  /// What would have to differ when something was changed.
  std::map<std::filesystem::path, std::vector<std::byte>> contents() const {
    std::lock_guard lock(mutex_);
    std::map<std::filesystem::path, std::vector<std::byte>> contents;
    for (const auto& [path, inode] : names_) contents[path] = inode->now;
    return contents;
  }
  void erase(const std::filesystem::path& path) { names_.erase(path); }

  /// The program is started again, the power stayed on: everything it wrote can be read.
  void restart() { changes_until_death.reset(); }

  /// What is not synced stays or goes by chance: each sector of a file on its own; names in the
  /// order they were changed. Only when no file is open.
  void cut_power(std::mt19937_64& random) {
    std::lock_guard lock(mutex_);
    changes_until_death.reset();
    std::size_t kept = random() % (changes_.size() + 1);
    for (const auto& change : changes_) {
      if (kept-- == 0) break;
      change(durable_names_);
    }
    changes_.clear();
    names_ = durable_names_;
    for (auto& [path, inode] : names_) inode->cut_power(random);
  }

  // -- FileSystem -------------------------------------------------------------------------------

  SystemResult<std::unique_ptr<File>> open(const std::filesystem::path& path,
                                           OpenMode mode) override {
    std::lock_guard lock(mutex_);
    auto found = names_.find(path);
    if (mode != OpenMode::create && found == names_.end())
      return tl::unexpected(SystemError{ENOENT});
    if (mode == OpenMode::create) {
      if (is_dead()) return tl::unexpected(SystemError{EIO});
      const auto inode = std::make_shared<Inode>();
      change([path, inode](Names& names) { names[path] = inode; });
      found = names_.find(path);
    }
    return std::make_unique<Handle>(*this, found->second);
  }
  SystemResult<std::vector<std::string>> list(
      const std::filesystem::path& directory) const override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [path, inode] : names_) {
      if (path.parent_path() == directory) names.push_back(path.filename());
    }
    return names;
  }
  /// The real directory, which holds nothing but the lock.
  SystemResult<void> make_directory(const std::filesystem::path& directory) override {
    std::filesystem::create_directories(directory);
    return {};
  }
  SystemResult<void> rename(const std::filesystem::path& from,
                            const std::filesystem::path& to) override {
    if (rename_error != 0) return tl::unexpected(SystemError{rename_error});
    std::lock_guard lock(mutex_);
    if (is_dead()) return tl::unexpected(SystemError{EIO});
    change([from, to](Names& names) {
      const auto node = names.find(from);
      if (node == names.end()) return;
      names[to] = node->second;
      names.erase(from);
    });
    return {};
  }
  SystemResult<void> remove(const std::filesystem::path& path) override {
    if (remove_error != 0) return tl::unexpected(SystemError{remove_error});
    std::lock_guard lock(mutex_);
    if (is_dead()) return tl::unexpected(SystemError{EIO});
    change([path](Names& names) { names.erase(path); });
    return {};
  }
  SystemResult<void> sync_directory(const std::filesystem::path&) override {
    std::lock_guard lock(mutex_);
    if (is_dead()) return tl::unexpected(SystemError{EIO});
    durable_names_ = names_;
    changes_.clear();
    return {};
  }

 private:
  struct Inode {
    std::vector<std::byte> now, durable;

    void cut_power(std::mt19937_64& random) {
      const std::size_t size = random() % 2 == 0 ? now.size() : durable.size();
      now.resize(size);
      durable.resize(size);
      for (std::size_t at = 0; at < size; at += sector_bytes) {
        if (random() % 2 == 0) continue;
        const std::size_t bytes = std::min(sector_bytes, size - at);
        std::copy_n(now.begin() + static_cast<std::ptrdiff_t>(at), bytes,
                    durable.begin() + static_cast<std::ptrdiff_t>(at));
      }
      now = durable;
    }
  };
  using Names = std::map<std::filesystem::path, std::shared_ptr<Inode>>;

  class Handle final : public File {
   public:
    Handle(MemoryFileSystem& files, std::shared_ptr<Inode> inode)
        : files_(files), inode_(std::move(inode)) {}

    SystemResult<std::size_t> write_at(std::span<const iovec> parts,
                                       std::uint64_t offset) override {
      std::lock_guard lock(files_.mutex_);
      if (files_.is_dead()) return tl::unexpected(SystemError{EIO});
      std::size_t done = 0;
      for (const auto& part : parts) {
        for (std::size_t i = 0; i < part.iov_len; ++i, ++done) {
          if (done == files_.write_bytes_max) return done;
          if (files_.write_budget == std::uint64_t{0}) return failed(done, files_.write_error);
          if (offset + done >= inode_->now.size()) {
            if (!files_.grow(*inode_, offset + done + 1)) return failed(done, ENOSPC);
          }
          inode_->now[offset + done] = static_cast<const std::byte*>(part.iov_base)[i];
          if (files_.write_budget) --*files_.write_budget;
        }
      }
      return done;
    }
    SystemResult<std::size_t> read_at(std::span<const iovec> parts,
                                      std::uint64_t offset) const override {
      std::lock_guard lock(files_.mutex_);
      std::size_t done = 0;
      for (const auto& part : parts) {
        if (offset + done >= inode_->now.size()) break;
        const auto bytes = std::min<std::size_t>(part.iov_len, inode_->now.size() - offset - done);
        std::copy_n(inode_->now.begin() + static_cast<std::ptrdiff_t>(offset + done), bytes,
                    static_cast<std::byte*>(part.iov_base));
        done += bytes;
      }
      return done;
    }
    SystemResult<void> sync() override {
      std::lock_guard lock(files_.mutex_);
      if (files_.is_dead()) return tl::unexpected(SystemError{EIO});
      if (!files_.sync_errors.empty()) {
        const int error = files_.sync_errors.front();
        files_.sync_errors.pop_front();
        if (error != 0) return tl::unexpected(SystemError{error});
      }
      inode_->durable = inode_->now;
      return {};
    }
    SystemResult<void> allocate(std::uint64_t offset, std::uint64_t bytes) override {
      std::lock_guard lock(files_.mutex_);
      if (files_.is_dead()) return tl::unexpected(SystemError{EIO});
      if (files_.allocate_error != 0) return tl::unexpected(SystemError{files_.allocate_error});
      if (!files_.grow(*inode_, offset + bytes)) return tl::unexpected(SystemError{ENOSPC});
      return {};
    }
    SystemResult<void> truncate(std::uint64_t bytes) override {
      std::lock_guard lock(files_.mutex_);
      if (files_.is_dead()) return tl::unexpected(SystemError{EIO});
      if (files_.truncate_error != 0) return tl::unexpected(SystemError{files_.truncate_error});
      inode_->now.resize(bytes);
      return {};
    }
    SystemResult<std::uint64_t> size() const override {
      std::lock_guard lock(files_.mutex_);
      return inode_->now.size();
    }

   private:
    static SystemResult<std::size_t> failed(std::size_t done, int number) {
      if (done > 0) return done;
      return tl::unexpected(SystemError{number});
    }
    MemoryFileSystem& files_;
    std::shared_ptr<Inode> inode_;
  };

  bool is_dead() {
    if (!changes_until_death) return false;
    if (*changes_until_death == 0) return true;
    --*changes_until_death;
    return false;
  }
  bool grow(Inode& inode, std::uint64_t bytes) {
    if (bytes <= inode.now.size()) return true;
    std::uint64_t used = 0;
    for (const auto& [path, each] : names_) used += each->now.size();
    if (capacity && used - inode.now.size() + bytes > *capacity) return false;
    inode.now.resize(bytes);
    return true;
  }
  template <class Change>
  void change(Change change) {
    change(names_);
    changes_.push_back(change);
  }

  mutable std::mutex mutex_;
  Names names_, durable_names_;
  std::vector<std::function<void(Names&)>> changes_;  ///< Since the directory was synced.
};

}  // namespace hhgrid::storage::test
