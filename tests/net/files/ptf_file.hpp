#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/files/ptf_trailer.hpp"

namespace hhgrid::net {

inline constexpr std::string_view ptf_header = "ZHD||D0265001|R|LOND|G|CAPG|20230101000000||||OPER";

/// A D0265 file of these records between its header and a trailer that is right.
inline std::string ptf_text(const std::vector<std::string>& records,
                            const std::string& line_end = "\n") {
  PtfChecksum checksum;
  checksum.add_header(ptf_header);
  std::string text = std::string(ptf_header) + line_end;
  for (const auto& record : records) {
    checksum.add(record);
    text += record + line_end;
  }
  return text + "ZPT|" + std::to_string(records.size() + 2) + "|" +
         std::to_string(checksum.value()) + line_end;
}

/// The records of one class and day with the same factor in all 48 periods.
inline std::vector<std::string> ptf_day() {
  std::vector<std::string> records = {"DIS|LOND", "LLF|1", "SDT|20240115"};
  for (int period = 1; period <= 48; ++period)
    records.push_back("SPL|" + std::to_string(period) + "|1.071");
  return records;
}

}  // namespace hhgrid::net
