#include "storage/wire/topology.hpp"

#include "core/assertion.hpp"
#include "core/partitioning.hpp"

namespace hhgrid::storage {

Topology::Topology(PartitionId meter_partitions) : meter_partitions_(meter_partitions) {
  HHGRID_ASSERT(1 <= meter_partitions && meter_partitions <= core::meter_partitions_max,
                meter_partitions);
}

PartitionId Topology::count() const {
  return static_cast<PartitionId>(market() + 1 + core::gsp_group_letters.size());
}

PartitionId Topology::of(core::Mpan mpan) const {
  return core::meter_partition(mpan, meter_partitions_);
}

PartitionId Topology::of(core::GspGroup gsp_group) const {
  HHGRID_ASSERT(!gsp_group.empty());
  const auto place = core::gsp_group_letters.find(gsp_group.to_string().back());
  HHGRID_ASSERT(place != std::string_view::npos, gsp_group.to_string());
  return static_cast<PartitionId>(market() + 1 + place);
}

PartitionKind Topology::kind(PartitionId id) const {
  HHGRID_ASSERT(contains(id), id, count());
  if (id < meter_partitions_) return PartitionKind::meters;
  return id == market() ? PartitionKind::market : PartitionKind::gsp_group;
}

core::GspGroup Topology::gsp_group(PartitionId id) const {
  if (kind(id) != PartitionKind::gsp_group) return {};
  const auto place = static_cast<std::size_t>(id - market() - 1);
  return core::GspGroup::parse(std::string{'_', core::gsp_group_letters[place]}).value();
}

std::string Topology::name(PartitionId id) const {
  switch (kind(id)) {
    case PartitionKind::meters:
      return "meters/" + std::to_string(id);
    case PartitionKind::market:
      return "market";
    case PartitionKind::gsp_group:
      break;
  }
  return "gsp/" + gsp_group(id).to_string();
}

}  // namespace hhgrid::storage
