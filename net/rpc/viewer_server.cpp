#include "net/rpc/viewer_server.hpp"

#include "net/rpc/answering.hpp"

namespace hhgrid::net {

namespace {

struct Status {
  std::vector<actors::PartitionStatus> partitions;
  std::vector<actors::ParticipantStatus> participants;
};

tl::expected<Status, storage::Error> status_of(GridService& grid) {
  auto partitions = grid.status();
  if (!partitions) return tl::unexpected(partitions.error());
  auto participants = grid.participants();
  if (!participants) return tl::unexpected(participants.error());
  return Status{std::move(*partitions), std::move(*participants)};
}

}  // namespace

kj::Promise<void> ViewerServer::status(StatusContext context) {
  return answer(
      workers_, context, [&grid = grid_.service] { return status_of(grid); },
      [](auto& results, const Status& status) {
        write_list(status.partitions, [&](unsigned n) { return results.initPartitions(n); });
        write_list(status.participants, [&](unsigned n) { return results.initParticipants(n); });
      });
}

kj::Promise<void> ViewerServer::inspect(InspectContext context) {
  const auto params = context.getParams();
  return answer(
      workers_, context,
      [&grid = grid_.service, address = read_text(params.getAddress()),
       day = read_day(params.getDay())] { return grid.inspect(address, day); },
      [](auto& results, const std::string& json) { results.setJson(text_of(json)); });
}

kj::Promise<void> ViewerServer::runs(RunsContext context) {
  return answer(
      workers_, context,
      [&grid = grid_.service, day = read_day(context.getParams().getSettlementDay())] {
        return day ? grid.runs_of_day(core::SettlementDay{*day}) : grid.runs();
      },
      [](auto& results, const std::vector<actors::RunInfo>& runs) {
        write_list(runs, [&](unsigned n) { return results.initRuns(n); });
      });
}

kj::Promise<void> ViewerServer::findRun(FindRunContext context) {
  return answer(
      workers_, context,
      [&grid = grid_.service, id = read_text(context.getParams().getId())] {
        return grid.find_run(id);
      },
      [](auto& results, const std::optional<actors::RunInfo>& run) {
        if (run) write(*run, results.initRun());
      });
}

kj::Promise<void> ViewerServer::summarise(SummariseContext context) {
  return answer(
      workers_, context,
      [&grid = grid_.service, number = context.getParams().getRunNumber()] {
        return grid.summarise(number);
      },
      [](auto& results, const RunSummary& summary) { write(summary, results.initSummary()); });
}

kj::Promise<void> ViewerServer::table(TableContext context) {
  auto request = read_table_request(context.getParams().getRequest());
  auto sink = context.getParams().getSink();
  const auto loop = kj::getCurrentThreadExecutor().addRef();
  // The worker waits until the client has room for each part: so little of a table is in memory.
  // The sink belongs to this thread, and stays until the worker is done with it.
  auto shared = kj::heap(kj::mv(sink));
  auto& to = *shared;
  return workers_
      .run([&grid = grid_.service, &to, executor = loop->addRef(), request = std::move(request)] {
        return grid.write_table(request, [&](std::string_view bytes) {
          const auto sent = kj::runCatchingExceptions([&] {
            executor->executeSync([&] {
              auto write = to.writeRequest();
              write.setBytes(
                  kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
              return write.send();
            });
          });
          return sent == nullptr;  // else the client is gone
        });
      })
      .then([context,
             &to](tl::expected<bool, storage::Error>&& written) mutable -> kj::Promise<void> {
        auto results = context.getResults();
        if (!written) {
          write(written.error(), results.initFailure());
          return kj::READY_NOW;
        }
        results.setComplete(*written);
        if (!*written) return kj::READY_NOW;
        return to.endRequest().send().ignoreResult();
      })
      .attach(kj::mv(shared));
}

kj::Promise<void> ViewerServer::audit(AuditContext context) {
  return answer(
      workers_, context,
      [&grid = grid_.service, number = context.getParams().getRunNumber()] {
        return grid.audit(number);
      },
      [](auto& results, const actors::AuditReport& report) {
        write(report, results.initReport());
      });
}

kj::Promise<void> ViewerServer::check(CheckContext context) {
  return answer(
      workers_, context, [&grid = grid_.service] { return grid.check(); },
      [](auto& results, const actors::CheckReport& report) {
        write(report, results.initReport());
      });
}

kj::Promise<void> ViewerServer::deadLetters(DeadLettersContext context) {
  return answer(
      workers_, context, [&grid = grid_.service] { return grid.dead_letters(); },
      [](auto& results, const std::vector<actors::DeadLetter>& letters) {
        write_list(letters, [&](unsigned n) { return results.initLetters(n); });
      });
}

kj::Promise<void> ViewerServer::drain(DrainContext context) {
  return answer_done(workers_, context, [&grid = grid_.service] { return grid.drain(); });
}

}  // namespace hhgrid::net
