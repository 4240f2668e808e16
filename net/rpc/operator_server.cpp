#include "net/rpc/operator_server.hpp"

#include "net/rpc/answering.hpp"
#include "net/rpc/feed_server.hpp"

namespace hhgrid::net {
namespace {

constexpr std::uint64_t take_max = 100'000;
constexpr std::uint64_t timeout_ms_max = std::uint64_t{7} * 86'400'000;

/// Where a sender stands that has been here before. What is on its way to a partition is applied
/// first.
tl::expected<SenderMarks, storage::Error> marks_of(const ServedGrid& grid,
                                                   const storage::SenderId& sender) {
  if (auto drained = grid.service.drain(); !drained) return tl::unexpected(drained.error());
  SenderMarks marks;
  for (const storage::PartitionId partition : grid.service.topology().all()) {
    const auto mark = grid.mark_of(partition, sender);
    if (!mark) return tl::unexpected(mark.error());
    if (mark->n != 0) marks[partition] = *mark;
  }
  return marks;
}

core::Parsed<core::ParticipantId> read_named_participant(capnp::Text::Reader text) {
  return core::ParticipantId::parse({text.begin(), text.size()});
}

/// Empty: nobody is named.
core::Parsed<core::ParticipantId> read_participant(capnp::Text::Reader text) {
  if (text.size() == 0) return core::ParticipantId();
  return read_named_participant(text);
}

}  // namespace

kj::Promise<void> OperatorServer::feed(FeedContext context) {
  const auto in = context.getParams().getOptions();
  const auto participant = read_participant(in.getParticipant());
  if (!participant) return refuse(context, "participant: " + participant.error().text);
  FeedServer::Options options{{}, *participant, read_instant(in.getReceivedAt()), {}};
  if (options.received_at && *options.received_at > grid_.feed_clock())
    return refuse(context, "receivedAt lies in the future");
  if (!in.hasSender()) {
    options.sender = storage::make_sender_id();
    context.getResults().setFeed(kj::heap<FeedServer>(grid_, workers_, std::move(options)));
    return kj::READY_NOW;
  }
  options.sender = {in.getSender().getHigh(), in.getSender().getLow()};
  if (options.sender.is_partition())
    return refuse(context,
                  "sender: its high half is 0, which stands for the grid's own partitions");
  const storage::SenderId sender = options.sender;
  return answer(
      workers_, context, [this, sender] { return marks_of(grid_, sender); },
      [this, options = std::move(options)](auto& results, SenderMarks& marks) mutable {
        options.marks = std::move(marks);
        results.setFeed(kj::heap<FeedServer>(grid_, workers_, std::move(options)));
      });
}

kj::Promise<void> OperatorServer::run(RunContext context) {
  const auto params = context.getParams();
  const auto code =
      core::parse_settlement_code({params.getCode().begin(), params.getCode().size()});
  if (!code) return refuse(context, "code: " + code.error().text);
  if (!core::SettlementCalendar::covers(params.getSettlementDay()))
    return refuse(context, "settlementDay: the settlement calendar does not cover it");
  const std::chrono::milliseconds timeout(std::min(params.getTimeoutMs(), timeout_ms_max));
  return answer(
      workers_, context,
      [&grid = grid_.service, day = core::SettlementDay{params.getSettlementDay()}, code = *code,
       cutoff = read_instant(params.getCutoff()),
       timeout] { return grid.run(day, code, cutoff, timeout); },
      [](auto& results, const actors::RunOutcome& outcome) {
        write(outcome, results.initOutcome());
      });
}

kj::Promise<void> OperatorServer::release(ReleaseContext context) {
  return answer(
      workers_, context,
      [&grid = grid_.service, number = context.getParams().getRunNumber()] {
        return grid.release(number);
      },
      [](auto& results, const actors::RunOutcome& outcome) {
        write(outcome, results.initOutcome());
      });
}

kj::Promise<void> OperatorServer::closeDay(CloseDayContext context) {
  const auto day = context.getParams().getUtcDay();
  if (!core::SettlementCalendar::covers(day))
    return refuse(context, "utcDay: the settlement calendar does not cover it");
  return answer(
      workers_, context, [&grid = grid_.service, day] { return grid.close_day(core::UtcDay{day}); },
      [](auto& results, const ClosedDay& closed) { write(closed, results.initClosing()); });
}

kj::Promise<void> OperatorServer::replay(ReplayContext context) {
  return answer(
      workers_, context,
      [&grid = grid_.service,
       letters = read_list(context.getParams().getLetters(), read_dead_letter)] {
        return grid.replay(letters);
      },
      [](auto& results, const std::vector<actors::DeadLetter>& still) {
        write_list(still, [&](unsigned n) { return results.initStillDead(n); });
      });
}

kj::Promise<void> OperatorServer::take(TakeContext context) {
  const auto params = context.getParams();
  const auto participant = read_named_participant(params.getParticipant());
  if (!participant) return refuse(context, "participant: " + participant.error().text);
  return answer(
      workers_, context,
      [&grid = grid_.service, participant = *participant,
       limit = std::min(params.getLimit(), take_max)] { return grid.take(participant, limit); },
      [](auto& results, const std::vector<actors::WaitingMessage>& messages) {
        write_list(messages, [&](unsigned n) { return results.initMessages(n); });
      });
}

kj::Promise<void> OperatorServer::acknowledge(AcknowledgeContext context) {
  const auto params = context.getParams();
  const auto participant = read_named_participant(params.getParticipant());
  if (!participant) return refuse(context, "participant: " + participant.error().text);
  return answer_done(workers_, context,
                     [&grid = grid_.service, participant = *participant,
                      taken = read_list(params.getTaken(), read_message_id)] {
                       return grid.acknowledge(participant, taken);
                     });
}

}  // namespace hhgrid::net
