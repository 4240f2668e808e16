#include "net/tables/merged_scan.hpp"

#include <algorithm>
#include <queue>

#include "core/assertion.hpp"

namespace hhgrid::net {
namespace {

constexpr std::size_t records_per_read = 256;

/// Reads a range of one store a few hundred records at a time.
class Cursor {
 public:
  /// `view`: null when there is no store.
  Cursor(const storage::Store::View* view, storage::Family family, std::string_view prefix)
      : view_(view),
        family_(family),
        from_(prefix),
        to_(storage::prefix_end(prefix)),
        ended_(view == nullptr) {}

  tl::expected<void, storage::Error> fill() {
    if (!records_.empty() || ended_) return {};
    auto scanned =
        view_->scan(family_, from_, to_, [&](std::string_view key, std::string_view value) {
          records_.emplace_back(key, value);
          return records_.size() < records_per_read;
        });
    if (records_.size() < records_per_read) ended_ = true;
    if (!records_.empty()) from_ = records_.back().first + '\0';
    return scanned;
  }
  bool empty() const { return records_.empty(); }
  const std::pair<std::string, std::string>& front() const { return records_.front(); }
  void pop() { records_.pop_front(); }

 private:
  const storage::Store::View* view_;
  storage::Family family_;
  std::string from_, to_;
  std::deque<std::pair<std::string, std::string>> records_;
  bool ended_;
};

}  // namespace

MeterStores::MeterStores(const storage::StoreSet& stores) {
  for (const storage::PartitionId partition : stores.topology().all_meters()) {
    const auto store = stores.find(partition);
    HHGRID_ASSERT(store, partition);
    views_.push_back(*store ? std::make_unique<storage::Store::View>(**store) : nullptr);
    paths_.push_back(*store ? (*store)->path().string() : std::string());
  }
}

tl::expected<void, storage::Error> MeterStores::scan_prefix(storage::Family family,
                                                            std::string_view prefix,
                                                            const Visit& visit) const {
  std::vector<Cursor> cursors;
  for (const auto& view : views_) cursors.emplace_back(view.get(), family, prefix);
  const auto later = [&](std::size_t a, std::size_t b) {
    return cursors[a].front().first > cursors[b].front().first;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
  const auto put_back = [&](std::size_t partition) -> tl::expected<void, storage::Error> {
    auto filled = cursors[partition].fill();
    if (filled && !cursors[partition].empty()) next.push(partition);
    return filled;
  };
  for (std::size_t partition = 0; partition < cursors.size(); ++partition)
    if (auto put = put_back(partition); !put) return tl::unexpected(put.error());
  while (!next.empty()) {
    const std::size_t partition = next.top();
    next.pop();
    const auto& [key, value] = cursors[partition].front();
    if (!visit(partition, key, value)) return {};
    cursors[partition].pop();
    if (auto put = put_back(partition); !put) return tl::unexpected(put.error());
  }
  return {};
}

}  // namespace hhgrid::net
