#pragma once

#include <memory>
#include <string>

#include "net/service/grid_service.hpp"

namespace hhgrid::net {

/// The connection of a RemoteGrid and the thread on which it lives.
class RpcConnection;

/// A grid that a node has open, reached through its RPC (net/rpc/schema/grid.capnp). Errors besides
/// the grid's: unanswered, when the node cannot be reached, or goes away.
class RemoteGrid : public GridService {
 public:
  /// `address`: `unix:PATH`.
  static tl::expected<std::unique_ptr<RemoteGrid>, storage::Error> connect(
      const std::string& address);
  ~RemoteGrid() override;

  storage::Topology topology() const override { return topology_; }
  tl::expected<std::unique_ptr<GridFeed>, storage::Error> feed(const FeedOptions& options) override;
  tl::expected<void, storage::Error> drain() override;
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

  tl::expected<std::vector<actors::RunInfo>, storage::Error> runs() override;
  tl::expected<std::optional<actors::RunInfo>, storage::Error> find_run(
      std::string_view id_or_latest) override;
  tl::expected<std::vector<actors::RunInfo>, storage::Error> runs_of_day(
      core::SettlementDay day) override;
  tl::expected<RunSummary, storage::Error> summarise(std::uint32_t run_number) override;
  tl::expected<bool, storage::Error> write_table(const TableRequest& request,
                                                 const Output& output) override;
  tl::expected<actors::AuditReport, storage::Error> audit(std::uint32_t run_number) override;
  tl::expected<actors::CheckReport, storage::Error> check() override;

 private:
  RemoteGrid(std::shared_ptr<RpcConnection> connection, storage::Topology topology)
      : connection_(std::move(connection)), topology_(topology) {}

  std::shared_ptr<RpcConnection> connection_;
  storage::Topology topology_;
};

}  // namespace hhgrid::net
