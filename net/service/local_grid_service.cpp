#include "net/service/local_grid_service.hpp"

#include <fmt/format.h>

#include "core/decimal.hpp"
#include "net/ingest/feed.hpp"

namespace hhgrid::net {

using storage::Errc;
using storage::Error;

namespace {

class LocalFeed : public GridFeed {
 public:
  LocalFeed(actors::Grid& grid, SessionOptions options) : feed_(grid, std::move(options)) {}
  IngestSink& sink() override { return feed_.session(); }
  std::uint64_t entries() const override { return feed_.entries(); }
  tl::expected<void, Error> finish() override { return feed_.finish(); }

 private:
  Feed feed_;
};

}  // namespace

LocalGridService::LocalGridService(actors::Grid& grid, SessionOptions session,
                                   std::function<core::Instant()> now)
    : grid_(grid),
      session_(std::move(session)),
      now_(std::move(now)),
      records_(grid.stores(), grid.calendar()) {}

tl::expected<std::unique_ptr<GridFeed>, Error> LocalGridService::feed(const FeedOptions& options) {
  SessionOptions session = session_;
  session.sender = storage::make_sender_id();
  session.participant = options.participant;
  if (options.block_entries_max) session.block_entries_max = *options.block_entries_max;
  if (options.received_at) session.clock = [fixed = *options.received_at] { return fixed; };
  return std::make_unique<LocalFeed>(grid_, std::move(session));
}

tl::expected<actors::RunOutcome, Error> LocalGridService::run(core::SettlementDay day,
                                                              core::SettlementCode code,
                                                              std::optional<core::Instant> cutoff,
                                                              std::chrono::milliseconds timeout) {
  const core::Instant now = now_();
  return grid_.run(day, code, cutoff.value_or(now), now, timeout);
}

tl::expected<actors::RunOutcome, Error> LocalGridService::release(std::uint32_t run_number) {
  return grid_.release(run_number, now_());
}

tl::expected<ClosedDay, Error> LocalGridService::close_day(core::UtcDay day) {
  const core::Instant now = now_();
  const core::Instant end{(day + 1).value * core::ms_per_utc_day};
  if (now.milliseconds < end.milliseconds)
    return tl::unexpected(
        Error{Errc::unknown,
              fmt::format("{}: the day is not over yet: it ends at {}. Nothing was closed.",
                          core::format_day(day.value), core::format_instant(end))});
  auto closing = grid_.close_day(day, now);
  if (!closing) return tl::unexpected(closing.error());
  const bool was_closed = closing->closed_at < now;
  return ClosedDay{std::move(*closing), was_closed};
}

tl::expected<std::vector<actors::PartitionStatus>, Error> LocalGridService::status() {
  return grid_.status();
}

tl::expected<std::vector<actors::ParticipantStatus>, Error> LocalGridService::participants() {
  return actors::participants(grid_);
}

tl::expected<std::string, Error> LocalGridService::inspect(const std::string& address,
                                                           std::optional<std::int32_t> day) {
  return grid_.inspect(address, day);
}

tl::expected<actors::CheckReport, Error> LocalGridService::check() {
  constexpr int attempts_max = 3;
  const auto ends = [&] {
    std::vector<storage::BlockNumber> ends;
    for (const auto& partition : grid_.status()) ends.push_back(partition.journal_end);
    return ends;
  };
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    if (auto drained = grid_.drain(); !drained) return tl::unexpected(drained.error());
    const auto before = ends();
    auto report = records_.check();
    if (!report || report->sound() || ends() == before) return report;
  }
  return tl::unexpected(Error{
      Errc::closed,
      "what the check has found may only have been under way: entries came in all the while, so "
      "nothing can be said; check when less is fed"});
}

tl::expected<std::vector<actors::DeadLetter>, Error> LocalGridService::dead_letters() {
  return grid_.dead_letters();
}

tl::expected<std::vector<actors::DeadLetter>, Error> LocalGridService::replay(
    const std::vector<actors::DeadLetter>& letters) {
  return grid_.replay(letters, now_());
}

tl::expected<std::vector<actors::WaitingMessage>, Error> LocalGridService::take(
    const core::ParticipantId& participant, std::size_t limit) {
  return actors::take(grid_, participant, limit);
}

tl::expected<void, Error> LocalGridService::acknowledge(
    const core::ParticipantId& participant, const std::vector<actors::WaitingMessage>& taken) {
  return actors::acknowledge(grid_, participant, taken, now_());
}

}  // namespace hhgrid::net
