#include "tests/grid/open_grid.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "actors/gsp/bmu.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/meter/run_shapes.hpp"
#include "actors/meter/versions.hpp"
#include "actors/verify/audit.hpp"
#include "actors/verify/check.hpp"

namespace hhgrid::tests {
namespace {

constexpr auto run_timeout = std::chrono::seconds(60);

template <class T>
T need(tl::expected<T, storage::Error> result) {
  if (!result) throw std::runtime_error(result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

actors::GridOptions small_grid(const std::filesystem::path& directory,
                               storage::PartitionId partitions) {
  actors::GridOptions options;
  options.directory = directory;
  options.partitions = partitions;
  options.partitions_given = true;
  options.memtable_bytes = 256 << 10;
  options.journal_segment_bytes = 1 << 20;
  options.block_cache_bytes = 8 << 20;
  return options;
}

OpenGrid::OpenGrid(const actors::GridOptions& options) {
  spdlog::set_level(spdlog::level::critical);  // failures are what these tests are about
  grid_ = need(actors::Grid::open(system_, options));
}

void OpenGrid::feed(const std::vector<Batch>& batches) {
  for (const auto& [partition, block] : batches) need(grid_->append(partition, block));
  need(grid_->drain());
}

actors::RunInfo OpenGrid::settle(core::SettlementDay day, core::Instant cutoff,
                                 core::SettlementCode code) {
  const auto outcome =
      need(grid_->run(day, code, cutoff, core::Instant{1'769'000'000'000}, run_timeout));
  if (outcome.status != "published")
    throw std::runtime_error(outcome.status + ": " + outcome.reason);
  need(grid_->drain());
  const storage::Store::View view(grid_->stores().market());
  return need(actors::read_run(view, outcome.run_number)).value();
}

std::string OpenGrid::check() {
  const auto report = actors::check_stores(grid_->stores(), grid_->calendar(), 2);
  if (report.sound()) return {};
  const auto& first = report.damage.front();
  return fmt::format("{} {} {}: {}", first.path, first.family, first.key, first.cause);
}

std::string OpenGrid::audit(std::uint32_t run) {
  const auto report = actors::audit_run(grid_->stores(), grid_->calendar(), {}, run);
  if (!report) return report.error().text;
  return report->equal() ? std::string() : fmt::format("{} differences", report->difference_count);
}

std::map<std::string, std::string> OpenGrid::results(std::uint32_t run) {
  namespace key = actors::run_key;
  std::map<std::string, std::string> records;
  const auto stores = grid_->stores();
  const auto take = [&](const storage::Store& store, char tag) {
    const auto prefix = key::prefix(tag, run);
    need(store.scan_prefix(storage::Family::run, prefix,
                           [&](std::string_view k, std::string_view value) {
                             records[tag + std::string(k.substr(prefix.size()))] = value;
                             return true;
                           }));
  };
  take(stores.market(), key::shape_tag);
  const storage::Store::View market(stores.market());
  const auto day = need(actors::read_run(market, run)).value().day;
  for (const storage::PartitionId p : grid_->topology().all_gsp_groups()) {
    const storage::Store* store = need(stores.find(p));
    if (store == nullptr) continue;
    for (const char tag : {key::component_tag, key::factor_tag, key::duos_tag}) take(*store, tag);
    const storage::Store::View view(*store);
    need(actors::for_each_bmu_run(
        view, day, [&](const actors::BmuAddress& unit, const actors::BmuRun& given) {
          if (given.run != run) return true;
          actors::BmuRun volumes = given;  // what the run before was called tells grids apart
          volumes.change_from_run = 0;
          records["bmu" + grid_->topology().name(p) + actors::bmu_key::of_unit(day, unit)] =
              actors::bmu_record(volumes);
          return true;
        }));
  }
  const auto prefix = actors::defaults_prefix(run);
  for (const storage::PartitionId p : grid_->topology().all_meters())
    need(grid_->store(p).scan_prefix(
        storage::Family::run, prefix, [&](std::string_view k, std::string_view value) {
          records["default" + std::string(k.substr(prefix.size()))] = value;
          return true;
        }));
  return records;
}

storage::Error refusal_to_open(const actors::GridOptions& options) {
  spdlog::set_level(spdlog::level::critical);
  actors::SystemConfig config(2);
  caf::actor_system system(config);
  const auto grid = actors::Grid::open(system, options);
  if (!grid) return grid.error();
  ADD_FAILURE() << options.directory << " was opened";
  return {};
}

std::map<std::string, std::string> counting_values(OpenGrid& grid, const World& world) {
  std::map<std::string, std::string> values;
  const auto& population = world.population().options();
  for (std::uint32_t i = 0; i < population.meters; ++i) {
    const auto traits = world.population().traits(i);
    const auto& store = grid->store(grid->topology().of(traits.mpan));
    for (std::int32_t d = 0; d < population.days; ++d) {
      const auto day = population.first_day + d;
      const auto counting =
          need(actors::read_counting_day(store, day, traits.mpan, traits.quantity()));
      std::string qualities;
      for (const auto quality : counting.quality)
        qualities += static_cast<char>('A' + static_cast<int>(quality));
      values[fmt::format("{} {}", traits.mpan.number(), day.value)] = fmt::format(
          "{:x} {} {}", counting.present, fmt::join(counting.energy_wh, ","), qualities);
    }
  }
  return values;
}

}  // namespace hhgrid::tests
