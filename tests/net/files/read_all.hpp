#pragma once

#include <string>

#include "net/files/byte_source.hpp"
#include "net/files/read_ahead.hpp"
#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {

/// A text of at least so many bytes that is no repetition.
inline std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

/// All bytes, and the error's text behind them in angle brackets.
inline std::string read_all(OpenedSource source) {
  if (!source) return "<" + source.error().text + ">";
  auto ahead = read_ahead(std::move(*source));
  std::string all;
  char chunk[1000];
  while (true) {
    const auto count = ahead->read(chunk);
    if (!count) return all + "<" + count.error().text + ">";
    if (*count == 0) return all;
    all.append(chunk, *count);
  }
}

}  // namespace hhgrid::net
