#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/grid/grid.hpp"
#include "actors/grid/participants.hpp"
#include "net/ingest/ingest_session.hpp"
#include "net/service/grid_records.hpp"

namespace hhgrid::net {

/// How entries are fed into a grid. Its settings give the limits of ECS1012 that go with them.
struct FeedOptions {
  /// Stamps everything, to replay history; nothing: as each block comes in.
  std::optional<core::Instant> received_at = std::nullopt;
  /// The market participant that sends all of it; empty: nobody is named.
  core::ParticipantId participant = {};
  std::optional<std::uint32_t> block_entries_max = std::nullopt;  ///< Default: the settings'.
};

/// A durable way into a grid. Used from one thread; `entries` may be asked from any.
class GridFeed {
 public:
  virtual ~GridFeed() = default;
  virtual IngestSink& sink() = 0;
  /// Entries handed on to become durable so far.
  virtual std::uint64_t entries() const = 0;
  /// Waits until everything added is durable. Error: the first that there was.
  virtual tl::expected<void, storage::Error> finish() = 0;
};

/// The closing of a day as somebody who asks for it sees it.
struct ClosedDay {
  actors::DayClosing closing;
  bool was_closed = false;  ///< Before this was asked for.
};

/// All that a grid does for whoever asks, whether it is open in this process or a node has it.
/// Calls wait for their answer and may come from any thread. Errors: as actors::Grid's; of a grid
/// elsewhere `unanswered` too.
class GridService : public GridRecords {
 public:
  virtual storage::Topology topology() const = 0;

  // -- in --
  virtual tl::expected<std::unique_ptr<GridFeed>, storage::Error> feed(
      const FeedOptions& options) = 0;
  /// Waits until all that is durable is applied, and nothing is on the way between partitions.
  virtual tl::expected<void, storage::Error> drain() = 0;

  // -- runs and days --
  /// Asks for a run and waits for its end. `cutoff`: nothing received later counts; nothing: now.
  virtual tl::expected<actors::RunOutcome, storage::Error> run(
      core::SettlementDay day, core::SettlementCode code, std::optional<core::Instant> cutoff,
      std::chrono::milliseconds timeout) = 0;
  virtual tl::expected<actors::RunOutcome, storage::Error> release(std::uint32_t run_number) = 0;
  /// A day that is not over yet is an error (unknown).
  virtual tl::expected<ClosedDay, storage::Error> close_day(core::UtcDay day) = 0;

  // -- looking --
  virtual tl::expected<std::vector<actors::PartitionStatus>, storage::Error> status() = 0;
  virtual tl::expected<std::vector<actors::ParticipantStatus>, storage::Error> participants() = 0;
  /// A JSON object (actors::Grid::inspect).
  virtual tl::expected<std::string, storage::Error> inspect(const std::string& address,
                                                            std::optional<std::int32_t> day) = 0;

  // -- dead letters --
  virtual tl::expected<std::vector<actors::DeadLetter>, storage::Error> dead_letters() = 0;
  /// Returns those still dead afterwards among the ones asked for.
  virtual tl::expected<std::vector<actors::DeadLetter>, storage::Error> replay(
      const std::vector<actors::DeadLetter>& letters) = 0;

  // -- what waits for participants --
  virtual tl::expected<std::vector<actors::WaitingMessage>, storage::Error> take(
      const core::ParticipantId& participant, std::size_t limit) = 0;
  virtual tl::expected<void, storage::Error> acknowledge(
      const core::ParticipantId& participant, const std::vector<actors::WaitingMessage>& taken) = 0;
};

}  // namespace hhgrid::net
