#include "net/tables/run_change.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <optional>

#include "actors/meter/versions.hpp"
#include "net/tables/meter_defaults.hpp"
#include "net/tables/partition_judgement.hpp"
#include "net/tables/provenance.hpp"

namespace hhgrid::net {
namespace {

using actors::RunInfo;
using core::MeterDay;
using MeterKey = std::pair<core::Mpan, core::MeasurementQuantity>;
using MeterVolumes = std::map<MeterKey, MeterVolume>;

std::uint64_t period_mask(const core::SettlementDaySpan& span) {
  return ((std::uint64_t{1} << span.count) - 1) << (span.first_utc_period - 1);
}

void add_energy(const MeterDay& day, std::uint64_t periods, MeterVolume& volume) {
  for (std::uint64_t rest = day.present & periods; rest != 0; rest &= rest - 1)
    volume.energy_wh += day.energy_wh[static_cast<std::size_t>(std::countr_zero(rest))];
}

/// Collects what counted of each meter's UTC day at a run's cut-off.
class Counting {
 public:
  tl::expected<void, storage::Error> load(const core::SettlementCalendar& calendar,
                                          const MeterStores& stores, const Provenance& provenance,
                                          const RunInfo& run) {
    for (std::size_t partition = 0; partition < stores.size(); ++partition) {
      auto& of = partitions_.emplace_back(std::make_unique<PartitionJudgement>(
          calendar,
          provenance.as_of(partition, run.cutoff, run.partitions.at(partition).marker_position)));
      if (auto loaded = of->load(stores, partition); !loaded) return loaded;
    }
    return {};
  }
  void take(const std::vector<actors::StoredVersion>& versions, std::size_t partition,
            std::uint64_t periods) {
    const auto& key = versions.front().key;
    add_energy(actors::counting_day(versions, partitions_[partition]->judgement), periods,
               volumes[{key.mpan, key.quantity}]);
  }
  MeterVolumes volumes;

 private:
  std::vector<std::unique_ptr<PartitionJudgement>> partitions_;
};

tl::expected<void, storage::Error> read_day(const MeterStores& stores,
                                            const core::SettlementDaySpan& span, Counting& before,
                                            Counting& after) {
  std::vector<actors::StoredVersion> versions;  // of the meter-day in hand
  std::size_t its_partition = 0;
  std::optional<storage::Error> failure;
  const auto finish = [&] {
    if (versions.empty()) return;
    before.take(versions, its_partition, period_mask(span));
    after.take(versions, its_partition, period_mask(span));
    versions.clear();
  };
  auto scanned = stores.scan_prefix(
      storage::Family::consumption, actors::version_day_prefix(span.day),
      [&](std::size_t partition, std::string_view bytes, std::string_view value) {
        const auto key = actors::read_version_key(bytes, stores.where(partition));
        if (!key) return failure = key.error(), false;
        auto version = actors::read_version(*key, value, stores.where(partition));
        if (!version) return failure = version.error(), false;
        if (!versions.empty() && !versions.front().key.same_meter_day(*key)) finish();
        its_partition = partition;
        versions.push_back(std::move(*version));
        return true;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  finish();
  return {};
}

tl::expected<void, storage::Error> add_defaults(const MeterStores& stores, const RunInfo& run,
                                                MeterVolumes& volumes) {
  return for_each_default(stores, run.number, [&](const MeterDefault& value) {
    auto& volume = volumes[{value.mpan, value.quantity}];
    volume.energy_wh += value.energy_wh;
    ++volume.defaulted_periods;
  });
}

}  // namespace

tl::expected<std::vector<MeterChange>, storage::Error> changes_between(
    const storage::StoreSet& grid_stores, const core::SettlementCalendar& calendar,
    const RunInfo& before, const RunInfo& after) {
  const MeterStores stores(grid_stores);
  const auto provenance = Provenance::load(stores);
  if (!provenance) return tl::unexpected(provenance.error());
  Counting first, second;
  if (auto loaded = first.load(calendar, stores, *provenance, before); !loaded)
    return tl::unexpected(loaded.error());
  if (auto loaded = second.load(calendar, stores, *provenance, after); !loaded)
    return tl::unexpected(loaded.error());
  for (const auto& span : calendar.spans_of(before.day))
    if (auto read = read_day(stores, span, first, second); !read)
      return tl::unexpected(read.error());
  if (auto added = add_defaults(stores, before, first.volumes); !added)
    return tl::unexpected(added.error());
  if (auto added = add_defaults(stores, after, second.volumes); !added)
    return tl::unexpected(added.error());

  std::map<MeterKey, std::pair<MeterVolume, MeterVolume>> both;
  for (const auto& [meter, volume] : first.volumes) both[meter].first = volume;
  for (const auto& [meter, volume] : second.volumes) both[meter].second = volume;
  std::vector<MeterChange> sorted;
  for (const auto& [meter, volumes] : both) {
    const MeterChange change{meter.first, meter.second, volumes.first, volumes.second};
    if (change.change_wh() != 0) sorted.push_back(change);
  }
  const auto size = [](const MeterChange& change) { return std::abs(change.change_wh()); };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const auto& a, const auto& b) { return size(a) > size(b); });
  return sorted;
}

}  // namespace hhgrid::net
