#include "net/simulator/session_output.hpp"

#include <optional>
#include <string>
#include <utility>

namespace hhgrid::net {
namespace {

class SessionOutput : public SimulationOutput {
 public:
  explicit SessionOutput(IngestSink& sink) : sink_(sink) {}

  void begin(FileKind kind, bool late) override {
    note(sink_.begin_source("simulation: " + std::string(late ? "late " : "") +
                            std::string(to_string(kind))));
  }
  void put(const storage::BankHoliday& x) override {
    market(storage::encode_bank_holiday(x, scratch_));
  }
  void put(const core::Bmu& x) override { market(storage::encode_bmu(x, scratch_)); }
  void put(const core::ComponentClass& x) override {
    market(storage::encode_component_class(x, scratch_));
  }
  void put(const storage::LineLosses& x) override {
    market(storage::encode_line_losses(x, scratch_));
  }
  void put(const core::DefaultShapeRow& x) override {
    market(storage::encode_default_shape(x, scratch_));
  }
  void put(const storage::GroupTake& x) override {
    if (!error_) note(sink_.add_gsp_group(x.gsp_group, storage::encode_group_take(x, scratch_)));
  }
  void put(const storage::RunDateRow& x) override { market(storage::encode_run_date(x, scratch_)); }
  void put(const storage::Registration& x) override {
    meter(x.mpan, storage::encode_registration(x, scratch_));
  }
  void put(const storage::AnnualConsumption& x) override {
    meter(x.mpan, storage::encode_annual_consumption(x, scratch_));
  }
  void put(const storage::ConsumptionDay& x) override {
    meter(x.mpan, storage::encode_consumption(x, scratch_));
  }

  tl::expected<void, IngestError> finish() override {
    if (!error_) note(sink_.finish());
    if (!error_) return {};
    return tl::unexpected(IngestError{IngestErrc::not_stored,
                                      "the grid did not take the simulation: " + error_->text});
  }

 private:
  void market(storage::EntryWords entry) {
    if (!error_) note(sink_.add_market(entry));
  }
  void meter(core::Mpan mpan, storage::EntryWords entry) {
    if (!error_) note(sink_.add_meter(mpan, entry));
  }
  void note(tl::expected<void, storage::Error> result) {
    if (!result && !error_) error_ = std::move(result.error());
  }

  IngestSink& sink_;
  storage::EntryScratch scratch_;
  std::optional<storage::Error> error_;
};

}  // namespace

std::unique_ptr<SimulationOutput> session_output(IngestSink& sink) {
  return std::make_unique<SessionOutput>(sink);
}

}  // namespace hhgrid::net
