#include "bench/registry.hpp"

#include "bench/close_day.hpp"
#include "bench/csv.hpp"
#include "bench/cutoff.hpp"
#include "bench/deliveries.hpp"
#include "bench/handles.hpp"
#include "bench/ingest.hpp"
#include "bench/inspect.hpp"
#include "bench/line_losses.hpp"
#include "bench/national.hpp"
#include "bench/registrations.hpp"
#include "bench/restart.hpp"
#include "bench/rpc.hpp"
#include "bench/settlement.hpp"

namespace hhgrid::bench {
namespace {

/// A benchmark's options with what was given over its defaults.
template <class Options>
Options options_of(const BenchOptions& given) {
  Options options;
  options.directory = given.directory;
  options.report = given.report;
  if constexpr (requires { options.meters; })
    options.meters = given.meters.value_or(options.meters);
  options.days = given.days.value_or(options.days);
  options.partitions = given.partitions.value_or(options.partitions);
  if constexpr (requires { options.runs; }) options.runs = given.runs.value_or(options.runs);
  return options;
}

}  // namespace

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> all = {
      {"ingest", "durable ingestion from a ready buffer, against bare RocksDB",
       [](auto& system, const auto& given) {
         return run_ingest(system, options_of<IngestOptions>(given));
       }},
      {"csv", "a wide CSV file from opening it until it is applied, against libcsv splitting it",
       [](auto& system, const auto& given) {
         return run_csv(system, options_of<CsvOptions>(given));
       }},
      {"settlement", "a run, its audit, a restart, bytes per meter and meter-day",
       [](auto& system, const auto& given) {
         return run_settlement(system, options_of<SettlementOptions>(given));
       }},
      {"inspect", "questions to meters while ingestion runs at full speed",
       [](auto& system, const auto& given) {
         return run_inspect(system, options_of<InspectOptions>(given));
       }},
      {"restart", "until a grid serves again whose process was killed at full speed",
       [](auto& system, const auto& given) {
         return run_restart(system, options_of<RestartOptions>(given));
       }},
      {"cutoff", "a run as of a past cut-off, against the same run without one",
       [](auto& system, const auto& given) {
         return run_cutoff(system, options_of<CutoffOptions>(given));
       },
       Asked::by_name},
      {"close-day", "the closing of a day after 1 % of the meters were late on 30 days",
       [](auto& system, const auto& given) {
         return run_close_day(system, options_of<CloseDayOptions>(given));
       },
       Asked::by_name},
      {"deliveries", "opening: after 20,000 one-row deliveries, and with 1,000,000 meters",
       [](auto& system, const auto& given) {
         return run_deliveries(system, options_of<DeliveriesOptions>(given));
       },
       Asked::by_name},
      {"handles", "readings by handles of their meters, 1,000 requests outstanding",
       [](auto& system, const auto& given) {
         return run_handles(system, options_of<HandlesOptions>(given));
       },
       Asked::by_name},
      {"rpc", "durable ingestion through a node's RPC, against the same within the process",
       [](auto& system, const auto& given) {
         return run_rpc(system, options_of<RpcOptions>(given));
       },
       Asked::by_name},
      {"line-losses", "a published line loss file from opening it until it is verified and applied",
       [](auto& system, const auto& given) {
         return run_line_losses(system, options_of<LineLossesOptions>(given));
       },
       Asked::by_name},
      {"registrations", "registrations and changes of supplier from a CSV file until applied",
       [](auto& system, const auto& given) {
         return run_registrations(system, options_of<RegistrationsOptions>(given));
       },
       Asked::by_name},
      {"national", "32,000,000 meters on this machine: loading, a run, its audit, opening",
       [](auto& system, const auto& given) {
         return run_national(system, options_of<NationalOptions>(given));
       },
       Asked::by_name},
      {"restart-victim", "the process that `restart` starts and kills",
       [](auto& system, const auto& given) {
         return run_restart_victim(system, options_of<RestartOptions>(given));
       },
       Asked::as_child},
  };
  return all;
}

}  // namespace hhgrid::bench
