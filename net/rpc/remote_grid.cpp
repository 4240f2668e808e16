#include "net/rpc/remote_grid.hpp"

#include <algorithm>

#include "net/rpc/answer_codec.hpp"
#include "net/rpc/remote_feed.hpp"
#include "net/rpc/rpc_connection.hpp"

namespace hhgrid::net {

using storage::Error;

namespace {

template <class Params, class Results>
Results results_of(const capnp::Request<Params, Results>& request);

/// Makes a call of the node: `request()` gives the request, filled; `read` takes what it answers.
template <class Request, class Read>
auto ask(RpcConnection& connection, Request&& request, Read&& read) -> tl::expected<
    decltype(read(std::declval<typename decltype(results_of(request()))::Reader>())), Error> {
  using Results = decltype(results_of(request()));
  using Value = decltype(read(std::declval<typename Results::Reader>()));
  std::optional<Value> value;
  std::optional<Error> failure;
  const auto done = connection.call([&] {
    return request().send().then([&](capnp::Response<Results>&& answer) {
      if (answer.hasFailure())
        failure = read_failure(answer.getFailure());
      else
        value = read(typename Results::Reader(answer));
    });
  });
  if (!done) failure = done.error();
  return failure ? tl::expected<Value, Error>(tl::unexpected(std::move(*failure)))
                 : tl::expected<Value, Error>(std::move(*value));
}

/// The same of a call that answers nothing but a failure.
template <class Request>
tl::expected<void, Error> ask_done(RpcConnection& connection, Request&& request) {
  return ask(connection, request, [](auto) { return true; }).map([](bool) {});
}

/// Takes a table's bytes on the loop's thread.
class Sink final : public rpc::ByteSink::Server {
 public:
  Sink(const GridRecords::Output& output, bool& refused, bool& ended)
      : output_(output), refused_(refused), ended_(ended) {}
  kj::Promise<void> write(WriteContext context) override {
    const auto bytes = context.getParams().getBytes();
    if (!refused_)
      refused_ = !output_({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
    KJ_REQUIRE(!refused_, "whoever asked for the table takes no more");
    return kj::READY_NOW;
  }
  kj::Promise<void> end(EndContext) override {
    ended_ = true;
    return kj::READY_NOW;
  }

 private:
  const GridRecords::Output& output_;
  bool &refused_, &ended_;
};

}  // namespace

tl::expected<std::unique_ptr<RemoteGrid>, Error> RemoteGrid::connect(const std::string& address) {
  auto connection = RpcConnection::open(address);
  if (!connection) return tl::unexpected(connection.error());
  const storage::Topology topology((*connection)->meter_partitions());
  return std::unique_ptr<RemoteGrid>(new RemoteGrid(std::move(*connection), topology));
}

RemoteGrid::~RemoteGrid() = default;

tl::expected<std::unique_ptr<GridFeed>, Error> RemoteGrid::feed(const FeedOptions& options) {
  return RemoteFeed::open(connection_, topology_, options)
      .map([](std::unique_ptr<RemoteFeed>&& feed) -> std::unique_ptr<GridFeed> {
        return std::move(feed);
      });
}

tl::expected<void, Error> RemoteGrid::drain() {
  return ask_done(*connection_, [&] { return connection_->viewer().drainRequest(); });
}

// -- runs and days --------------------------------------------------------------------------------

tl::expected<actors::RunOutcome, Error> RemoteGrid::run(core::SettlementDay day,
                                                        core::SettlementCode code,
                                                        std::optional<core::Instant> cutoff,
                                                        std::chrono::milliseconds timeout) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->operations().runRequest();
        request.setSettlementDay(day.value);
        request.setCode(text_of(std::string(core::to_string(code))));
        write_instant(cutoff, request.initCutoff());
        request.setTimeoutMs(static_cast<std::uint64_t>(timeout.count()));
        return request;
      },
      [](auto answer) { return read_run_outcome(answer.getOutcome()); });
}

tl::expected<actors::RunOutcome, Error> RemoteGrid::release(std::uint32_t run_number) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->operations().releaseRequest();
        request.setRunNumber(run_number);
        return request;
      },
      [](auto answer) { return read_run_outcome(answer.getOutcome()); });
}

tl::expected<ClosedDay, Error> RemoteGrid::close_day(core::UtcDay day) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->operations().closeDayRequest();
        request.setUtcDay(day.value);
        return request;
      },
      [](auto answer) { return read_closed_day(answer.getClosing()); });
}

// -- looking --------------------------------------------------------------------------------------

tl::expected<std::vector<actors::PartitionStatus>, Error> RemoteGrid::status() {
  return ask(
      *connection_, [&] { return connection_->viewer().statusRequest(); },
      [](auto answer) { return read_list(answer.getPartitions(), read_partition_status); });
}

tl::expected<std::vector<actors::ParticipantStatus>, Error> RemoteGrid::participants() {
  return ask(
      *connection_, [&] { return connection_->viewer().statusRequest(); },
      [](auto answer) { return read_list(answer.getParticipants(), read_participant_status); });
}

tl::expected<std::string, Error> RemoteGrid::inspect(const std::string& address,
                                                     std::optional<std::int32_t> day) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->viewer().inspectRequest();
        request.setAddress(text_of(address));
        write_day(day, request.initDay());
        return request;
      },
      [](auto answer) { return read_text(answer.getJson()); });
}

// -- dead letters ---------------------------------------------------------------------------------

tl::expected<std::vector<actors::DeadLetter>, Error> RemoteGrid::dead_letters() {
  return ask(
      *connection_, [&] { return connection_->viewer().deadLettersRequest(); },
      [](auto answer) { return read_list(answer.getLetters(), read_dead_letter); });
}

tl::expected<std::vector<actors::DeadLetter>, Error> RemoteGrid::replay(
    const std::vector<actors::DeadLetter>& letters) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->operations().replayRequest();
        write_list(letters, [&](unsigned n) { return request.initLetters(n); });
        return request;
      },
      [](auto answer) { return read_list(answer.getStillDead(), read_dead_letter); });
}

// -- what waits for participants ------------------------------------------------------------------

tl::expected<std::vector<actors::WaitingMessage>, Error> RemoteGrid::take(
    const core::ParticipantId& participant, std::size_t limit) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->operations().takeRequest();
        request.setParticipant(text_of(participant.to_string()));
        request.setLimit(limit);
        return request;
      },
      [](auto answer) { return read_list(answer.getMessages(), read_waiting_message); });
}

tl::expected<void, Error> RemoteGrid::acknowledge(
    const core::ParticipantId& participant, const std::vector<actors::WaitingMessage>& taken) {
  return ask_done(*connection_, [&] {
    auto request = connection_->operations().acknowledgeRequest();
    request.setParticipant(text_of(participant.to_string()));
    auto ids = request.initTaken(static_cast<unsigned>(taken.size()));
    for (unsigned i = 0; i < ids.size(); ++i) write_id(taken[i], ids[i]);
    return request;
  });
}

// -- records --------------------------------------------------------------------------------------

tl::expected<std::vector<actors::RunInfo>, Error> RemoteGrid::runs() {
  return ask(
      *connection_, [&] { return connection_->viewer().runsRequest(); },
      [](auto answer) { return read_list(answer.getRuns(), read_run); });
}

tl::expected<std::optional<actors::RunInfo>, Error> RemoteGrid::find_run(
    std::string_view id_or_latest) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->viewer().findRunRequest();
        request.setId(text_of(std::string(id_or_latest)));
        return request;
      },
      [](auto answer) {
        return answer.hasRun() ? std::optional(read_run(answer.getRun())) : std::nullopt;
      });
}

tl::expected<std::vector<actors::RunInfo>, Error> RemoteGrid::runs_of_day(core::SettlementDay day) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->viewer().runsRequest();
        request.initSettlementDay().setDay(day.value);
        return request;
      },
      [](auto answer) { return read_list(answer.getRuns(), read_run); });
}

tl::expected<RunSummary, Error> RemoteGrid::summarise(std::uint32_t run_number) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->viewer().summariseRequest();
        request.setRunNumber(run_number);
        return request;
      },
      [](auto answer) { return read_run_summary(answer.getSummary()); });
}

tl::expected<bool, Error> RemoteGrid::write_table(const TableRequest& request,
                                                  const Output& output) {
  bool refused = false, ended = false;
  auto written = ask(
      *connection_,
      [&] {
        auto call = connection_->viewer().tableRequest();
        write(request, call.initRequest());
        call.setSink(kj::heap<Sink>(output, refused, ended));
        return call;
      },
      [&](auto answer) { return answer.getComplete() && ended; });
  if (refused) return false;
  return written;
}

tl::expected<actors::AuditReport, Error> RemoteGrid::audit(std::uint32_t run_number) {
  return ask(
      *connection_,
      [&] {
        auto request = connection_->viewer().auditRequest();
        request.setRunNumber(run_number);
        return request;
      },
      [](auto answer) { return read_audit_report(answer.getReport()); });
}

tl::expected<actors::CheckReport, Error> RemoteGrid::check() {
  return ask(
      *connection_, [&] { return connection_->viewer().checkRequest(); },
      [](auto answer) { return read_check_report(answer.getReport()); });
}

}  // namespace hhgrid::net
