#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "storage/wire/entry_codec.hpp"

namespace hhgrid::storage {

inline constexpr std::uint64_t mpan_digits = 1012345678903;

/// That the error is about a damaged field and names it and its value.
inline void expect_damaged(const Error& error, std::string_view field, std::string_view value) {
  EXPECT_EQ(error.code, Errc::damaged);
  EXPECT_NE(error.text.find(std::string("field ").append(field).append(" ")), std::string::npos)
      << error.text;
  EXPECT_NE(error.text.find(value), std::string::npos) << error.text;
}

}  // namespace hhgrid::storage
