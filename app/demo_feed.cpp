#include "app/demo_feed.hpp"

#include <optional>

#include "net/simulator/session_output.hpp"

namespace hhgrid::app {
namespace {

constexpr std::int64_t ms_per_hour = 3'600'000;

class DailyOutput : public net::SimulationOutput {
 public:
  DailyOutput(net::Feed& feed, ReplayClock& clock)
      : feed_(feed), clock_(clock), output_(net::session_output(feed.session())) {}

  void begin(net::FileKind kind, bool late) override {
    late_ = late;
    output_->begin(kind, late);
  }
  void put(const storage::BankHoliday& x) override { output_->put(x); }
  void put(const core::Bmu& x) override { output_->put(x); }
  void put(const core::ComponentClass& x) override { output_->put(x); }
  void put(const storage::LineLosses& x) override { output_->put(x); }
  void put(const core::DefaultShapeRow& x) override { output_->put(x); }
  void put(const storage::GroupTake& x) override { output_->put(x); }
  void put(const storage::RunDateRow& x) override { output_->put(x); }
  void put(const storage::Registration& x) override { output_->put(x); }
  void put(const storage::AnnualConsumption& x) override { output_->put(x); }
  void put(const storage::ConsumptionDay& x) override {
    if (!late_ && (!day_ || *day_ != x.day)) begin_day(x.day);
    output_->put(x);
  }
  tl::expected<void, net::IngestError> finish() override { return output_->finish(); }

 private:
  /// Blocks are stamped when they leave: what was collected leaves before the clock moves on. A
  /// failure is kept by the feed and told by `finish`.
  void begin_day(core::UtcDay day) {
    static_cast<void>(feed_.session().flush());
    day_ = day;
    clock_.time = morning_of(day + 1);
  }

  net::Feed& feed_;
  ReplayClock& clock_;
  std::unique_ptr<net::SimulationOutput> output_;
  std::optional<core::UtcDay> day_;
  bool late_ = false;
};

}  // namespace

std::unique_ptr<net::SimulationOutput> daily_output(net::Feed& feed, ReplayClock& clock) {
  return std::make_unique<DailyOutput>(feed, clock);
}

core::Instant morning_of(core::UtcDay day) {
  return {day.value * core::ms_per_utc_day + 10 * ms_per_hour};
}

}  // namespace hhgrid::app
