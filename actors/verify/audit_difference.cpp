#include "actors/verify/audit_difference.hpp"

#include <utility>

namespace hhgrid::actors {

void DifferenceLog::add(std::string_view table, std::string key, std::string stored,
                        std::string recomputed) {
  const std::lock_guard lock(mutex_);
  ++count_;
  if (differences_.size() < audit_differences_max)
    differences_.push_back(
        {std::string(table), std::move(key), std::move(stored), std::move(recomputed)});
}

void DifferenceLog::compare(std::string_view table, const std::string& key, std::string_view field,
                            std::int64_t stored, std::int64_t recomputed) {
  if (stored == recomputed) return;
  add(table, key + ": " + std::string(field), std::to_string(stored), std::to_string(recomputed));
}

std::string DifferenceLog::and_more(std::size_t count) {
  return count == 0 ? std::string() : " and " + std::to_string(count) + " more";
}

std::uint64_t DifferenceLog::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::vector<AuditDifference> DifferenceLog::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(differences_, {});
}

}  // namespace hhgrid::actors
