#include "net/files/read_ahead.hpp"

#include <gtest/gtest.h>

#include "tests/net/files/read_all.hpp"

namespace hhgrid::net {
namespace {

TEST(ReadAhead, AReaderThatStopsEarlyDoesNotHang) {
  const TemporaryFolder folder;
  auto ahead = read_ahead(*open_source(folder.write("a.csv", text_of(5'000'000))));
  char chunk[10];
  EXPECT_EQ(*ahead->read(chunk), 10u);
}

}  // namespace
}  // namespace hhgrid::net
