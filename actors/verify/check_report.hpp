#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// A record that does not hold, or that should be there and is not.
struct Damage {
  std::string path, family;
  std::string key;  ///< Printable; empty when no record of the family can be named.
  std::string cause;
};
inline constexpr std::size_t damage_max = 100;

struct CheckReport {
  std::uint64_t records = 0, meter_days = 0;  ///< Read.
  std::uint64_t damage_count = 0;             ///< All of it.
  std::vector<Damage> damage;                 ///< The first `damage_max`.
  bool sound() const { return damage_count == 0; }
  void add(CheckReport other);
};

/// The check of one store under way: reads its records and collects what does not hold.
class Check {
 public:
  explicit Check(const storage::Store& store) : store_(store), view_(store) {}

  const storage::Store::View& view() const { return view_; }
  std::string where() const { return store_.path().string(); }
  CheckReport& report() { return report_; }

  void damaged(storage::Family family, std::string_view key, std::string cause);
  /// Calls `visit` for every record whose key begins with `prefix`; what it throws is damage of
  /// that record. False when the store itself cannot read on, which is damage too.
  using Visit = std::function<void(std::string_view key, std::string_view value)>;
  bool scan(storage::Family family, std::string_view prefix, const Visit& visit);
  /// The same over records that another scan has counted.
  bool scan_again(storage::Family family, std::string_view prefix, const Visit& visit);

 private:
  const storage::Store& store_;
  storage::Store::View view_;
  CheckReport report_;
};

/// Ends the check of one record: Check::scan makes damage of it.
[[noreturn]] void refuse_record(const std::string& cause);

}  // namespace hhgrid::actors
