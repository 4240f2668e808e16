#include "actors/meter/block_versions.hpp"

#include <algorithm>

#include "actors/host/fold.hpp"
#include "actors/host/prefetch.hpp"
#include "actors/meter/plain_version.hpp"

namespace hhgrid::actors {
namespace {

/// How many versions before its own an entry is fetched.
constexpr std::size_t versions_ahead = 8;

}  // namespace

void BlockVersions::add(NewVersion& version, std::uint32_t meter) {
  if (version.record.empty()) {
    pending_.push_back({version.key, version.packed.data(),
                        static_cast<std::uint32_t>(version.packed.size()), meter, version.quality,
                        true});
    return;
  }
  const std::string& record = records_.emplace_back(std::move(version.record));
  pending_.push_back({version.key, reinterpret_cast<const std::uint8_t*>(record.data()),
                      static_cast<std::uint32_t>(record.size()), meter, version.quality, false});
}

void BlockVersions::read(const Presence::Key& key, core::Mpan mpan,
                         std::vector<StoredVersion>& out) {
  for (const auto i : of(key, mpan)) out.push_back(read_one(pending_[i]));
  // What an earlier block has repeated may have become a version in this one.
  const auto by_key = [](const StoredVersion& a, const StoredVersion& b) { return a.key < b.key; };
  if (!std::is_sorted(out.begin(), out.end(), by_key)) std::sort(out.begin(), out.end(), by_key);
}

StoredVersion BlockVersions::read_one(const Pending& pending) {
  char plain[plain_version_bytes_max];
  const auto size = pending.plain ? write_plain_version(pending.key, pending.quality,
                                                        {pending.bytes, pending.size}, plain)
                                  : pending.size;
  auto version = read_version(
      pending.key, {pending.plain ? plain : reinterpret_cast<const char*>(pending.bytes), size},
      "the block");
  if (!version) throw_read_error(version.error());
  return std::move(*version);
}

const std::vector<std::uint32_t>& BlockVersions::of(const Presence::Key& key, core::Mpan mpan) {
  const auto index_of = [](core::Mpan meter, core::UtcDay day, core::MeasurementQuantity quantity) {
    return std::pair(
        meter, static_cast<std::uint64_t>(day.value) << 8 | static_cast<std::uint64_t>(quantity));
  };
  for (; indexed_ < pending_.size(); ++indexed_) {
    const auto& version = pending_[indexed_].key;
    index_[index_of(version.mpan, version.day, version.quantity)].push_back(
        static_cast<std::uint32_t>(indexed_));
  }
  static const std::vector<std::uint32_t> none;
  const auto found = index_.find(index_of(mpan, key.day, key.quantity));
  return found == index_.end() ? none : found->second;
}

void BlockVersions::note(Arrivals& arrivals) const {
  for (const auto& version : pending_)
    arrivals.version({version.key.day, version.key.quantity}, version.meter);
}

void BlockVersions::write(storage::Commit& commit, Arrivals& arrivals) {
  // In key order each insert into the memtable goes on where the one before it ended.
  std::sort(pending_.begin(), pending_.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  char key[version_key_bytes_max], plain[plain_version_bytes_max];
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    // Their bytes are far apart in the block now: memory needs a few of them to answer.
    if (i + versions_ahead < pending_.size()) {
      const auto& next = pending_[i + versions_ahead];
      prefetch_message(next.bytes, next.size);
    }
    const auto& version = pending_[i];
    arrivals.version({version.key.day, version.key.quantity}, version.meter);
    const std::string_view key_bytes(key, write_version_key(version.key, key));
    if (version.plain)
      commit.put(storage::Family::consumption, key_bytes,
                 {plain, write_plain_version(version.key, version.quality,
                                             {version.bytes, version.size}, plain)});
    else
      commit.put(storage::Family::consumption, key_bytes,
                 {reinterpret_cast<const char*>(version.bytes), version.size});
  }
  pending_.clear();
  records_.clear();
  index_.clear();
  indexed_ = 0;
}

}  // namespace hhgrid::actors
