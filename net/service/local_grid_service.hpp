#pragma once

#include <functional>

#include "net/service/grid_service.hpp"
#include "net/service/local_records.hpp"

namespace hhgrid::net {

/// A grid that is open in this process and outlives this.
class LocalGridService : public GridService {
 public:
  /// `session`: how a feed sends where its options do not say otherwise. `now` stamps all else that
  /// is asked for.
  LocalGridService(actors::Grid& grid, SessionOptions session, std::function<core::Instant()> now);

  storage::Topology topology() const override { return grid_.topology(); }
  tl::expected<std::unique_ptr<GridFeed>, storage::Error> feed(const FeedOptions& options) override;
  tl::expected<void, storage::Error> drain() override { return grid_.drain(); }
  tl::expected<actors::RunOutcome, storage::Error> run(core::SettlementDay day,
                                                       core::SettlementCode code,
                                                       std::optional<core::Instant> cutoff,
                                                       std::chrono::milliseconds timeout) override;
  tl::expected<actors::RunOutcome, storage::Error> release(std::uint32_t run_number) override;
  tl::expected<ClosedDay, storage::Error> close_day(core::UtcDay day) override;
  tl::expected<std::vector<actors::PartitionStatus>, storage::Error> status() override;
  tl::expected<std::vector<actors::ParticipantStatus>, storage::Error> participants() override;
  tl::expected<std::string, storage::Error> inspect(const std::string& address,
                                                    std::optional<std::int32_t> day) override;
  tl::expected<std::vector<actors::DeadLetter>, storage::Error> dead_letters() override;
  tl::expected<std::vector<actors::DeadLetter>, storage::Error> replay(
      const std::vector<actors::DeadLetter>& letters) override;
  tl::expected<std::vector<actors::WaitingMessage>, storage::Error> take(
      const core::ParticipantId& participant, std::size_t limit) override;
  tl::expected<void, storage::Error> acknowledge(
      const core::ParticipantId& participant,
      const std::vector<actors::WaitingMessage>& taken) override;

  tl::expected<std::vector<actors::RunInfo>, storage::Error> runs() override {
    return records_.runs();
  }
  tl::expected<std::optional<actors::RunInfo>, storage::Error> find_run(
      std::string_view id_or_latest) override {
    return records_.find_run(id_or_latest);
  }
  tl::expected<std::vector<actors::RunInfo>, storage::Error> runs_of_day(
      core::SettlementDay day) override {
    return records_.runs_of_day(day);
  }
  tl::expected<RunSummary, storage::Error> summarise(std::uint32_t run_number) override {
    return records_.summarise(run_number);
  }
  tl::expected<bool, storage::Error> write_table(const TableRequest& request,
                                                 const Output& output) override {
    return records_.write_table(request, output);
  }
  tl::expected<actors::AuditReport, storage::Error> audit(std::uint32_t run_number) override {
    return records_.audit(run_number);
  }
  /// What comes in while stores are read may look like damage: then it is read again, and at last
  /// an error (closed).
  tl::expected<actors::CheckReport, storage::Error> check() override;

 private:
  actors::Grid& grid_;
  SessionOptions session_;
  std::function<core::Instant()> now_;
  LocalRecords records_;
};

}  // namespace hhgrid::net
