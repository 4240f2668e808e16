#include "actors/verify/check_market_runs.hpp"

#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "actors/gsp/results_digest.hpp"
#include "actors/gsp/run_results.hpp"
#include "actors/gsp/run_results_key.hpp"
#include "actors/market/published_shapes.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::KeyReader;

class MarketRunsCheck {
 public:
  MarketRunsCheck(Check& check, const MetaFacts& meta, Fold::Identity identity)
      : check_(check), meta_(meta), identity_(identity) {}

  void run() {
    check_.scan_again(Family::run, std::string(1, run_key::run_tag),
                      [&](std::string_view key, std::string_view) { take_run(key); });
    for (std::uint32_t number = 1; number <= meta_.run_count; ++number)
      if (!runs_.contains(number) && !damaged_.contains(number))
        check_.damaged(Family::run, run_key::run(number), "the run has no record");
    std::set<std::pair<core::SettlementDay, std::uint32_t>> index;
    check_.scan(Family::run, {}, [&](std::string_view key, std::string_view value) {
      if (key.front() == run_key::request_tag) return check_request(key, value);
      if (key.front() == 'd') return check_closing(key, value);
      if (key.front() == 'k') return check_closing_input(key);
      if (key.front() != run_key::day_tag) return check_owner(key);
      KeyReader reader(key.substr(1));
      const core::SettlementDay day{reader.day()};
      const std::uint32_t number = reader.u32();
      if (!reader.complete()) refuse_record("is no key of this family");
      index.emplace(day, number);
      const auto run = runs_.find(number);
      if (run != runs_.end() && run->second.day != day)
        refuse_record("the run is of another settlement day");
      if (run == runs_.end() && !damaged_.contains(number))
        refuse_record(fmt::format("there is no run {}", number));
    });
    for (const auto& [number, run] : runs_) {
      if (!index.contains({run.day, number}))
        check_.damaged(Family::run, run_key::day_run(run.day, number),
                       "the run is missing among those of its day");
      check_results(run);
    }
  }

 private:
  void take_run(std::string_view key) {
    KeyReader reader(key.substr(1));
    const std::uint32_t number = reader.u32();
    if (!reader.complete()) refuse_record("is no key of this family");
    damaged_.insert(number);
    const auto run = read_run(check_.view(), number);
    if (!run) refuse_record(run.error().text);
    if ((*run)->number != number || number == 0 || number > meta_.run_count)
      refuse_record(fmt::format("says it is run {} of {}", (*run)->number, meta_.run_count));
    damaged_.erase(number);
    runs_.emplace(number, **run);
    if ((*run)->standing_position.block() > meta_.block)
      refuse_record("uses standing data of a position that is not applied");
    if (!has_results(**run)) return;
    if ((*run)->partitions.size() != identity_.topology.meter_partitions())
      refuse_record("does not name every meter partition");
    for (std::size_t i = 0; i < (*run)->partitions.size(); ++i)
      if ((*run)->partitions[i].partition != i || (*run)->partitions[i].marker_position.is_none())
        refuse_record(fmt::format("has no marker of partition {}", i));
  }

  /// A record of a run: the run must be one that may have it.
  void check_owner(std::string_view key) {
    constexpr std::string_view tags{"riseo"};
    KeyReader reader(key.substr(1));
    const std::uint32_t number = reader.u32();
    if (!reader.ok() || tags.find(key.front()) == std::string_view::npos)
      refuse_record("is no key of this family");
    const auto run = runs_.find(number);
    if (run == runs_.end()) {
      if (!damaged_.contains(number)) refuse_record(fmt::format("there is no run {}", number));
      return;
    }
    const RunStatus status = run->second.status;
    const bool collects = status == RunStatus::COLLECTING;
    const bool may_have = key.front() == run_key::input_tag ? collects
                          : key.front() == run_key::unsettled_tag
                              ? collects || status == RunStatus::HELD
                          : key.front() == run_key::exceptions_tag ? !collects
                                                                   : true;
    if (!may_have)
      refuse_record(fmt::format("a run that is {} has no such record", to_string(status)));
  }

  /// The index of requests leads to the run that was asked for.
  void check_request(std::string_view key, std::string_view value) {
    KeyReader reader(key.substr(1)), number(value);
    const std::uint64_t request_id = reader.u64();
    const auto run = runs_.find(number.u32());
    if (!reader.complete() || !number.complete()) refuse_record("is no key of this family");
    if (run == runs_.end() ? damaged_.empty() : run->second.request_id != request_id)
      refuse_record("leads to a run that was not asked for so");
  }

  void check_closing(std::string_view key, std::string_view value) {
    const auto closing = checked_record<schema::DayClosedRecord>(value, read_closing);
    if (closed_key(closing.day) != key) refuse_record("is the closing of another day");
    require_position(closing.closing, meta_);
    if (!closing.complete && closing.failure.empty()) closing_.insert(closing.closing);
  }

  /// An answer of a meter partition: the day must be being closed.
  void check_closing_input(std::string_view key) const {
    KeyReader reader(key.substr(1));
    const storage::Position closing = reader.position();
    const storage::PartitionId partition = reader.u16();
    if (!reader.complete() || partition >= identity_.topology.meter_partitions())
      refuse_record("is no key of this family");
    if (!closing_.contains(closing)) refuse_record("no day is being closed by that entry");
  }

  void check_results(const RunInfo& run) {
    const std::string key = run_key::run(run.number);
    std::vector<GroupDayShape> shapes;
    const auto read = for_each_shape(check_.view(), run.number, [&](const GroupDayShape& shape) {
      shapes.push_back(shape);
      return true;
    });
    if (!read) return check_.damaged(Family::run, key, read.error().text);
    for (const auto& shape : shapes) {
      // A row whose content is another's stands under a key that is not its own.
      const auto own = run_key::shape(run.number, shape.day, shape.group);
      if (const auto value = check_.view().get(Family::run, own); value && !*value)
        check_.damaged(Family::run, own, "a record with this content stands under another key");
    }
    if (run.status == RunStatus::COLLECTING || run.partitions.empty())
      return;  // no digest yet, or refused at once
    if (results_digest(run.groups, shapes) != run.digest)
      check_.damaged(Family::run, key,
                     fmt::format("the results of run {} do not have its digest", run.id()));
    const auto exceptions = read_exceptions(check_.view(), run.number);
    if (!exceptions) return check_.damaged(Family::run, key, exceptions.error().text);
    if (exceptions->size() != run.exception_count)
      check_.damaged(Family::run, key,
                     fmt::format("the run has {} exceptions, {} are there", run.exception_count,
                                 exceptions->size()));
    const bool listed = check_.view()
                            .get(Family::run, run_key::unsettled(run.number))
                            .value_or(std::nullopt)
                            .has_value();
    if (run.status == RunStatus::HELD && !listed)
      check_.damaged(Family::run, run_key::unsettled(run.number),
                     "the held run is missing among those that are not settled");
  }

  Check& check_;
  const MetaFacts& meta_;
  Fold::Identity identity_;
  std::map<std::uint32_t, RunInfo> runs_;
  std::set<std::uint32_t> damaged_;      // run records that cannot be judged by
  std::set<storage::Position> closing_;  // entries that close a day and are not done
};

}  // namespace

void check_market_runs(Check& check, const MetaFacts& meta, Fold::Identity identity) {
  MarketRunsCheck(check, meta, identity).run();
}

}  // namespace hhgrid::actors
