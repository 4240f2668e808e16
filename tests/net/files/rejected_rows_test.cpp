#include "net/files/rejected_rows.hpp"

#include "tests/net/files/ingest_fixture.hpp"

namespace hhgrid::net {
namespace {

class RejectedRowsTest : public ::testing::Test {
 protected:
  RejectedRows rows(RejectedLimits limits = {}) {
    return {folder_.path() / "a.csv.rejected.csv", "date,name", limits};
  }
  static RowError error(const std::string& reason) { return {reason, "date", "x", "why"}; }

  TemporaryFolder folder_;
};

TEST_F(RejectedRowsTest, ARowIsKeptAsItWasWithAllThatIsWrongWithIt) {
  auto rejected = rows();
  rejected.add(7, "x,\"a,b\"", std::vector{error("one"), error("two")});
  ASSERT_TRUE(rejected.close());
  EXPECT_EQ(read_text(rejected.target()),
            "date,name,reason\n"
            "x,\"a,b\",\"line 7, column date, value 'x': why (one); column date, value 'x': why "
            "(two)\"\n");
}

TEST_F(RejectedRowsTest, ReasonsAreCountedAndTheFirstPlaceOfEachIsKept) {
  auto rejected = rows();
  rejected.add(2, "x,", std::vector{error("one")});
  rejected.add(3, "x,", std::vector{error("two"), error("one")});
  EXPECT_EQ(rejected.count(), 2u);
  EXPECT_EQ(rejected.by_reason().at("one"), 2u);
  EXPECT_EQ(rejected.first_by_reason().at("one").line, 2u);
  EXPECT_EQ(rejected.first_by_reason().at("two").line, 3u);
}

TEST_F(RejectedRowsTest, ItIsFullWhenEitherLimitIsReached) {
  auto by_rows = rows({.rows_max = 2});
  EXPECT_FALSE(by_rows.full());
  by_rows.add(2, "x,", std::vector{error("one")});
  EXPECT_FALSE(by_rows.full());
  by_rows.add(3, "x,", std::vector{error("one")});
  EXPECT_TRUE(by_rows.full());
  auto by_bytes = rows({.bytes_max = 1000});
  by_bytes.add(2, std::string(1000, 'x'), std::vector{error("one")});
  EXPECT_TRUE(by_bytes.full());
}

TEST_F(RejectedRowsTest, OnlySomeAreKeptForTheSummary) {
  auto rejected = rows();
  for (std::uint64_t line = 2; line < 100; ++line)
    rejected.add(line, "x,", std::vector{error("one")});
  EXPECT_EQ(rejected.samples().size(), RejectedRows::samples_max);
}

}  // namespace
}  // namespace hhgrid::net
