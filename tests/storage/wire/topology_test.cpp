#include "storage/wire/topology.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "core/partitioning.hpp"

namespace hhgrid::storage {
namespace {

core::GspGroup group(std::string_view text) { return core::GspGroup::parse(text).value(); }

TEST(Topology, EveryPartitionHasAnIdANameAndAKindOfItsOwn) {
  const Topology topology(3);
  std::set<PartitionId> ids;
  std::set<std::string> names;
  std::vector<PartitionKind> kinds;
  for (const PartitionId id : topology.all()) {
    ids.insert(id);
    names.insert(topology.name(id));
    kinds.push_back(topology.kind(id));
  }
  EXPECT_EQ(ids.size(), 3u + 1 + 14);
  EXPECT_EQ(names.size(), ids.size());
  EXPECT_EQ(topology.count(), ids.size());
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), PartitionKind::meters), 3);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), PartitionKind::market), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), PartitionKind::gsp_group), 14);
}

TEST(Topology, AMeterLivesInTheMeterPartitionOfItsHash) {
  const Topology topology(16);
  const auto mpan = core::Mpan::from_body(100'000'000'000);
  EXPECT_EQ(topology.of(mpan), core::meter_partition(mpan, 16));
  EXPECT_EQ(topology.kind(topology.of(mpan)), PartitionKind::meters);
}

TEST(Topology, TheMarketIsOnePartition) {
  const Topology topology(16);
  EXPECT_EQ(topology.kind(topology.market()), PartitionKind::market);
  EXPECT_EQ(topology.name(topology.market()), "market");
}

TEST(Topology, AGspGroupsPartitionLeadsBackToIt) {
  const Topology topology(1);
  for (const char letter : core::gsp_group_letters) {
    const auto gsp_group = group(std::string{'_', letter});
    const PartitionId id = topology.of(gsp_group);
    EXPECT_EQ(topology.kind(id), PartitionKind::gsp_group);
    EXPECT_EQ(topology.gsp_group(id), gsp_group);
    EXPECT_EQ(topology.name(id), "gsp/" + gsp_group.to_string());
  }
}

TEST(Topology, OnlyAGspGroupsPartitionNamesOne) {
  const Topology topology(2);
  EXPECT_TRUE(topology.gsp_group(0).empty());
  EXPECT_TRUE(topology.gsp_group(topology.market()).empty());
}

TEST(Topology, AnIdPastTheLastIsNoPartition) {
  const Topology topology(2);
  EXPECT_TRUE(topology.contains(static_cast<PartitionId>(topology.count() - 1)));
  EXPECT_FALSE(topology.contains(topology.count()));
}

TEST(Topology, GspGroupsComeInTheOrderOfTheirLetters) {
  const Topology topology(2);
  std::string letters;
  for (const PartitionId id : topology.all_gsp_groups())
    letters += topology.gsp_group(id).to_string().back();
  EXPECT_EQ(letters, core::gsp_group_letters);
}

}  // namespace
}  // namespace hhgrid::storage
