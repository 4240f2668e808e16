#include "bench/rpc.hpp"

#include <cstdio>
#include <deque>
#include <stdexcept>

#include <fmt/format.h>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "bench/ingest_buffer.hpp"
#include "net/rpc/remote_grid.hpp"
#include "net/rpc/server_thread.hpp"
#include "net/service/local_grid_service.hpp"

namespace hhgrid::bench {
namespace {

net::SessionOptions session() {
  net::SessionOptions options;
  options.block_entries_max = default_batch_entries;
  options.clock = [] { return received_at; };
  options.maximum = core::MaximumEnergy();
  return options;
}

/// The entries of all partitions, one of each in turn: as a client has them, in no partition's
/// order.
void put(const ReadyBuffer& buffer, net::IngestSink& sink) {
  std::size_t blocks = 0;
  for (const auto& of_partition : buffer.consumption)
    blocks = std::max(blocks, of_partition.size());
  for (std::size_t b = 0; b < blocks; ++b) {
    std::deque<storage::BlockView> views;
    std::vector<storage::PartitionId> partitions;
    std::size_t entries = 0;
    for (std::size_t p = 0; p < buffer.consumption.size(); ++p) {
      if (b >= buffer.consumption[p].size()) continue;
      entries = std::max(entries, views.emplace_back(buffer.consumption[p][b]).entries().size());
      partitions.push_back(static_cast<storage::PartitionId>(p));
    }
    for (std::size_t e = 0; e < entries; ++e)
      for (std::size_t i = 0; i < views.size(); ++i)
        if (e < views[i].entries().size()) must(sink.add(partitions[i], views[i].entries()[e]));
  }
}

/// Seconds that the meter-days take through a service until they are flushed.
double seconds_through(net::GridService& service, actors::Grid& grid, const ReadyBuffer& buffer) {
  const auto start = Clock::now();
  {
    auto feed = service.feed({});
    if (!feed) throw std::runtime_error(feed.error().text);
    put(buffer, (*feed)->sink());
    must((*feed)->finish());
  }
  must(service.drain());
  must(grid.checkpoint());
  return seconds_since(start);
}

double one_run(caf::actor_system& system, const RpcOptions& options, const ReadyBuffer& buffer,
               bool by_rpc) {
  const auto directory = options.directory / (by_rpc ? "rpc" : "session");
  std::filesystem::remove_all(directory);
  double seconds = 0;
  {
    actors::GridOptions grid_options;
    grid_options.directory = directory;
    grid_options.partitions = options.partitions;
    auto opened = actors::Grid::open(system, grid_options);
    if (!opened) throw std::runtime_error(opened.error().text);
    actors::Grid& grid = **opened;
    feed(grid, buffer.registrations);
    must(grid.drain());
    must(grid.checkpoint());
    net::LocalGridService local(grid, session(), session().clock);
    const auto served = net::served_grid(grid, local, session(), "bench");
    const net::ServerThread server(served, directory / "node.sock");
    auto remote = net::RemoteGrid::connect(server.address());
    if (!remote) throw std::runtime_error(remote.error().text);
    const double cpu_before = cpu_seconds();
    seconds =
        by_rpc ? seconds_through(**remote, grid, buffer) : seconds_through(local, grid, buffer);
    std::fputs(fmt::format("  {}: {:.1f} s, {:.1f} s of processor\n", by_rpc ? "rpc" : "session",
                           seconds, cpu_seconds() - cpu_before)
                   .c_str(),
               stderr);
  }
  std::filesystem::remove_all(directory);
  return seconds;
}

}  // namespace

int run_rpc(caf::actor_system& system, const RpcOptions& options) {
  net::PopulationOptions population_options;
  population_options.meters = options.meters;
  population_options.days = options.days;
  const net::Population population(population_options);
  const auto buffer = make_ready_buffer(population, options.partitions, default_batch_entries);
  std::vector<double> rates, ratios;
  for (int n = 0; n < options.runs; ++n) {
    const bool rpc_first = n % 2 == 0;
    const double first = one_run(system, options, buffer, rpc_first);
    const double second = one_run(system, options, buffer, !rpc_first);
    const double by_rpc = rpc_first ? first : second, by_session = rpc_first ? second : first;
    rates.push_back(static_cast<double>(buffer.meter_days) / by_rpc);
    ratios.push_back(by_session / by_rpc);
  }
  options.report(
      {"rpc",
       {{"meter_days_per_s", median(rates)}, {"ratio_to_a_session", median(ratios)}},
       fmt::format("rpc {:.0f} meter-days/s (median of {}; {} meters x {} days, {} partitions), "
                   "ratio to a session of the process {:.2f}",
                   median(rates), options.runs, options.meters, options.days, options.partitions,
                   median(ratios))});
  return 0;
}

}  // namespace hhgrid::bench
