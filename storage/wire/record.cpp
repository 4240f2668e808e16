#include "storage/wire/record.hpp"

#include <fmt/format.h>

namespace hhgrid::storage {

std::string printable_key(std::string_view key) {
  std::string text;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '\\')
      text.push_back(c);
    else
      text += fmt::format("\\x{:02x}", byte);
  }
  return text;
}

}  // namespace hhgrid::storage
