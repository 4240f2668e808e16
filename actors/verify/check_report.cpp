#include "actors/verify/check_report.hpp"

#include <iterator>
#include <stdexcept>
#include <utility>

#include <kj/exception.h>

#include "storage/wire/record.hpp"

namespace hhgrid::actors {

void CheckReport::add(CheckReport other) {
  records += other.records;
  meter_days += other.meter_days;
  damage_count += other.damage_count;
  for (auto& one : other.damage)
    if (damage.size() < damage_max) damage.push_back(std::move(one));
}

void Check::damaged(storage::Family family, std::string_view key, std::string cause) {
  ++report_.damage_count;
  if (report_.damage.size() < damage_max)
    report_.damage.push_back({where(), std::string(storage::to_string(family)),
                              storage::printable_key(key), std::move(cause)});
}

bool Check::scan(storage::Family family, std::string_view prefix, const Visit& visit) {
  return scan_again(family, prefix, [&](std::string_view key, std::string_view value) {
    ++report_.records;
    visit(key, value);
  });
}

bool Check::scan_again(storage::Family family, std::string_view prefix, const Visit& visit) {
  const auto scanned =
      view_.scan_prefix(family, prefix, [&](std::string_view key, std::string_view value) {
        try {
          if (key.empty()) refuse_record("a record without a key");
          visit(key, value);
        } catch (const kj::Exception& e) {
          damaged(family, key, e.getDescription().cStr());
        } catch (const std::exception& e) {
          damaged(family, key, e.what());
        }
        return true;
      });
  if (!scanned) damaged(family, prefix, scanned.error().text);
  return scanned.has_value();
}

void refuse_record(const std::string& cause) { throw std::runtime_error(cause); }

}  // namespace hhgrid::actors
