#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/demo_feed.hpp"
#include "app/demo_report.hpp"
#include "app/find_run.hpp"
#include "app/open_grid.hpp"
#include "app/progress.hpp"
#include "app/session_options.hpp"
#include "core/decimal.hpp"
#include "net/service/local_records.hpp"
#include "net/simulator/simulate.hpp"

namespace hhgrid::app {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// The first run looks at what is there two days after the last reading, the second 16 days after.
constexpr int first_run_after_days = 2, late_data_after_days = 15, second_run_after_days = 16;
/// 2025-01-02: the longest demonstration lies in the past, as everything does that was received.
constexpr core::UtcDay demo_first_day{20'090};

struct DemoCommand {
  std::uint32_t meters = 20'000;
  std::int32_t days = 8;
  std::size_t groups = 3;
  std::uint64_t seed = 1;
  fs::path keep;

  Result<ExitCode> run(Context& context) const;
  std::string keeping(const std::string& place) const;
};

/// A directory of its own that goes with the demonstration, unless it is to be kept.
class DemoDirectory {
 public:
  static Result<std::unique_ptr<DemoDirectory>> make(const fs::path& keep) {
    auto made = std::make_unique<DemoDirectory>();
    std::error_code error;
    if (!keep.empty()) {
      if (fs::exists(keep, error) && !fs::is_empty(keep, error))
        return fail(ExitCode::usage,
                    fmt::format("--keep {}: it is there and not empty. Name a new directory.",
                                keep.string()));
      made->path_ = keep;
      return made;
    }
    std::string name = (fs::temp_directory_path(error) / "hhgrid-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      return fail(ExitCode::usage,
                  fmt::format("{}: no directory can be made there. Name one with --keep.", name));
    made->path_ = made->temporary_ = name;
    return made;
  }
  ~DemoDirectory() {
    std::error_code error;
    if (!temporary_.empty()) fs::remove_all(temporary_, error);
  }
  const fs::path& path() const { return path_; }
  bool kept() const { return temporary_.empty(); }

 private:
  fs::path path_, temporary_;
};

/// The demonstration, step by step; each prints what it did.
class Demo {
 public:
  Demo(const DemoCommand& command, Context& context, actors::Grid& grid)
      : command_(command), context_(context), grid_(grid) {
    simulation_.population.seed = command.seed;
    simulation_.population.meters = command.meters;
    simulation_.population.days = command.days;
    simulation_.population.first_day = demo_first_day;
    simulation_.population.groups = std::string(core::gsp_group_letters.substr(0, command.groups));
  }

  Result<void> tell(bool kept) {
    header();
    if (auto done = wave(false); !done) return done;
    auto first = settle(core::SettlementCode::ii, first_run_after_days);
    if (!first) return tl::unexpected(first.error());
    if (auto done = wave(true); !done) return done;
    auto second = settle(core::SettlementCode::sf, second_run_after_days);
    if (!second) return tl::unexpected(second.error());
    return results(*first, *second, kept);
  }

 private:
  core::UtcDay last_day() const { return simulation_.population.first_day + (command_.days - 1); }
  /// In the middle, where the readings cover it whole whatever the clock.
  core::SettlementDay settlement_day() const {
    return {simulation_.population.first_day.value + command_.days / 2};
  }

  void say(const std::string& text) { context_.out.write(text + "\n"); }
  void heading(const std::string& text) { say("\n" + context_.out.styled(text, Style::bold)); }

  void header() {
    say(context_.out.styled("From the meter to the bank", Style::bold));
    say(fmt::format(
        "{} made-up meter points of {} GSP Groups send half-hourly readings for {} days.\n"
        "One of the days is settled twice: soon (II), and once late and corrected readings are\n"
        "in (SF). Every number below is computed by this grid, in {}.",
        grouped(command_.meters), command_.groups, command_.days, grid_.directory().string()));
  }

  Result<void> wave(bool late) {
    net::SimulationOptions options = simulation_;
    options.first_wave = !late;
    options.late_wave = late;
    ReplayClock clock{morning_of(late ? last_day() + late_data_after_days
                                      : simulation_.population.first_day - 1)};
    const auto begun = Clock::now();
    tl::expected<net::SimulationSummary, net::IngestError> summary;
    tl::expected<void, storage::Error> stored;
    std::uint64_t entries = 0;
    {
      net::SessionOptions session = session_options(context_.settings);
      session.clock = [&clock] { return clock.time; };
      net::Feed feed(grid_, std::move(session));
      Progress progress(context_.err, context_.talks(), [&] {
        return Progress::State{"readings come in", std::nullopt, feed.entries(), "entries"};
      });
      const auto output = daily_output(feed, clock);
      summary = net::simulate(options, *output);
      stored = feed.finish();
      entries = feed.entries();
    }
    if (stored) stored = grid_.drain();
    if (!stored) return fail(stored.error());
    if (!summary) return fail(ExitCode::input_refused, summary.error().text);
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    heading(late ? "Late and corrected readings" : "Readings, day by day");
    say(fmt::format(
        "  {} meter-days, {} entries in all: simulated, journalled and applied in {:.1f} s\n"
        "  ({} entries/s, {} half hours/s)",
        grouped(late ? summary->meter_days_late : summary->meter_days_in_time), grouped(entries),
        seconds, grouped(static_cast<std::uint64_t>(static_cast<double>(entries) / seconds)),
        grouped(static_cast<std::uint64_t>(
            static_cast<double>((late ? summary->meter_days_late : summary->meter_days_in_time) *
                                core::periods_per_utc_day) /
            seconds))));
    return {};
  }

  Result<actors::RunInfo> settle(core::SettlementCode code, int days_after) {
    const core::Instant cutoff = morning_of(last_day() + days_after);
    const auto begun = Clock::now();
    auto outcome = grid_.run(settlement_day(), code, cutoff, now(), std::chrono::minutes(10));
    if (!outcome) return fail(outcome.error());
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    if (outcome->status != "published")
      return fail(ExitCode::run_refused, fmt::format("The run {} is {}: {}.", outcome->run_id,
                                                     outcome->status, outcome->reason));
    heading(fmt::format("Run {}", outcome->run_id));
    say(fmt::format("  settlement day {}, received by {}: published in {:.2f} s, {} exceptions",
                    core::format_day(settlement_day().value), core::format_instant(cutoff), seconds,
                    outcome->exceptions));
    net::LocalRecords records(grid_.stores(), grid_.calendar());
    return find_run(context_, records, outcome->run_id);
  }

  Result<void> results(const actors::RunInfo& first, const actors::RunInfo& second, bool kept) {
    const auto bmus = bmu_table(context_, grid_, first, second);
    if (!bmus) return tl::unexpected(bmus.error());
    heading("Balancing units, MWh of the day, corrected to the GSP Group Takes");
    context_.out.write(*bmus);
    const auto factors = factor_table(context_, grid_, first, second);
    if (!factors) return tl::unexpected(factors.error());
    heading("GSP Groups: shares of the volume, and correction factors over the half hours");
    context_.out.write(*factors);
    std::string busiest;
    const auto changes = change_table(context_, grid_, first, second, busiest);
    if (!changes) return tl::unexpected(changes.error());
    heading(fmt::format("The meters that moved most from {} to {}", core::to_string(first.code),
                        core::to_string(second.code)));
    context_.out.write(*changes);
    where_next(first, busiest, kept);
    return {};
  }

  void where_next(const actors::RunInfo& first, const std::string& busiest, bool kept) {
    Context there;
    there.settings.data.directory = kept ? grid_.directory() : fs::path("my-grid");
    const auto ask = [&](const std::string& command) { say("  " + there.hint(command)); };
    heading("Where to look next");
    if (!kept) say("  " + command_.keeping(there.place()));
    ask(fmt::format("inspect {} --day {}", busiest.empty() ? "gsp/_A" : busiest,
                    core::format_day(settlement_day().value)));
    ask(fmt::format("export bmu-volumes --run {}", first.id()));
    ask("export factors");
    ask("audit --run all");
  }

  const DemoCommand& command_;
  Context& context_;
  actors::Grid& grid_;
  net::SimulationOptions simulation_;
};

/// The command that makes the same population again, and keeps it.
std::string DemoCommand::keeping(const std::string& place) const {
  const DemoCommand usual;
  std::string command = program() + " demo";
  const auto option = [&](std::string_view name, auto value, auto usual_value) {
    if (value != usual_value) command += fmt::format(" {} {}", name, value);
  };
  option("--meters", meters, usual.meters);
  option("--days", days, usual.days);
  option("--groups", groups, usual.groups);
  option("--seed", seed, usual.seed);
  return fmt::format("{} --keep {}", command, for_shell(place));
}

Result<ExitCode> DemoCommand::run(Context& context) const {
  if (context.json || context.data_given)
    return fail(
        ExitCode::usage,
        "demo takes neither --json nor --data: it is for people, and makes a grid of its own. "
        "Keep that one with --keep, and ask it with the other commands.");
  auto directory = DemoDirectory::make(keep);
  if (!directory) return tl::unexpected(directory.error());
  context.settings.data.directory = (*directory)->path();
  auto opened = create_grid(context);
  if (!opened) return tl::unexpected(opened.error());
  auto told = Demo(*this, context, ***opened).tell((*directory)->kept());
  opened->reset();  // before its directory goes
  return told.map([] { return ExitCode::done; });
}

}  // namespace

void add_demo(CommandLine& line) {
  auto options = std::make_shared<DemoCommand>();
  auto& command =
      line.add("demo", "Simulate a population, settle a day twice, and show what comes out",
               [options](Context& context) { return options->run(context); });
  command.add_option("--meters", options->meters, "Meter points")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command.add_option("--days", options->days, "Days of readings")
      ->check(CLI::Range(3, 365))
      ->capture_default_str();
  command.add_option("--groups", options->groups, "GSP Groups")
      ->check(CLI::Range(std::size_t{1}, core::gsp_group_letters.size()))
      ->capture_default_str();
  command.add_option("--seed", options->seed, "The same seed makes the same population")
      ->capture_default_str();
  command.add_option("--keep", options->keep, "Make the grid there and keep it")->type_name("DIR");
}

}  // namespace hhgrid::app
