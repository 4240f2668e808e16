#include "tests/actors/host/troubled_fold.hpp"

namespace hhgrid::actors::test {
namespace {

/// A block that sets the rule set.
storage::Block rule_set_block(storage::SenderId sender, core::Instant received, std::uint64_t n,
                              core::RuleSet rules) {
  storage::EntryScratch scratch;
  storage::BlockBuilder builder(received, "test");
  builder.add(scratch.build([&](schema::Entry::Builder entry) { entry.setRuleSet(rules); }));
  return builder.finish({sender, n});
}

TEST_F(FoldTest, TheRuleSetIsPartOfTheStateAndOnlyAnEntrySetsIt) {
  const auto fold = loaded();
  EXPECT_EQ(fold->rule_set(), core::first_rule_set);
  ASSERT_TRUE(fold->apply(block(1, {sender, 1}, {1})));
  EXPECT_EQ(fold->last.rules, core::first_rule_set);
  ASSERT_TRUE(fold->apply({2, rule_set_block(sender, received, 2, core::first_rule_set + 1)}));
  EXPECT_EQ(fold->rule_set(), core::first_rule_set + 1);
  const auto opened = loaded();
  EXPECT_EQ(opened->rule_set(), core::first_rule_set + 1);
  ASSERT_TRUE(opened->apply(block(3, {sender, 3}, {2})));
  EXPECT_EQ(opened->last.rules, core::first_rule_set + 1) << "turns are given by it";
}

TEST_F(FoldTest, ARuleSetOfANewerProgramStopsTheFoldByName) {
  const auto fold = loaded();
  const auto applied =
      fold->apply({1, rule_set_block(sender, received, 1, core::first_rule_set + 2)});
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::newer_format);
  EXPECT_THAT(applied.error().text, testing::HasSubstr("rule set 3"));
  EXPECT_EQ(loaded()->block(), 0u);
}

}  // namespace
}  // namespace hhgrid::actors::test
