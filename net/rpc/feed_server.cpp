#include "net/rpc/feed_server.hpp"

#include <fmt/format.h>

#include "net/rpc/answer_codec.hpp"
#include "net/rpc/message_codec.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {

using storage::Errc;
using storage::Error;

/// After a failure nothing more is appended: a later block would leave a hole. Whoever feeds opens
/// another feed for the sender, which goes on where the partitions are.
struct FeedServer::Journey {
  std::optional<Error> failure;  // only the line's work looks at it
};

FeedServer::FeedServer(const ServedGrid& grid, Workers& workers, Options options)
    : grid_(grid),
      topology_(grid.service.topology()),
      options_(std::move(options)),
      line_(workers),
      journey_(std::make_shared<Journey>()) {}

std::optional<Error> FeedServer::wrong_number(std::uint64_t number) const {
  if (finished_) return Error{Errc::closed, "the feed is finished: nothing more is taken"};
  if (number == 0)
    return Error{Errc::mismatch, "number 0: a sender's blocks are numbered 1, 2, 3 ..."};
  if (last_ != 0 && number > last_ + 1)
    return Error{
        Errc::mismatch,
        fmt::format("number {}: expected {}; send the blocks between first", number, last_ + 1)};
  return std::nullopt;
}

storage::BlockBuilder& FeedServer::builder_of(storage::PartitionId partition) {
  const auto found = builders_.find(partition);
  if (found != builders_.end()) return found->second;
  auto& builder = builders_.emplace(partition, storage::BlockBuilder({}, {})).first->second;
  builder.set_participant(options_.participant);
  if (topology_.kind(partition) == storage::PartitionKind::meters) {
    // It must know the limits before its first entry.
    storage::EntryScratch scratch;
    builder.add(storage::encode_consumption_limits(grid_.maximum, scratch));
  }
  return builder;
}

FeedServer::Blocks FeedServer::split(rpc::Feed::SendParams::Reader params,
                                     std::vector<std::pair<std::uint32_t, std::string>>& rejected) {
  const std::uint64_t number = params.getNumber();
  const auto messages = params.getMessages();
  for (std::uint32_t i = 0; i < messages.size(); ++i) {
    const auto entry = read_message(messages[i], topology_, scratch_);
    if (!entry)
      rejected.emplace_back(i, entry.error());
    else if (options_.marks[entry->partition].number < number)
      builder_of(entry->partition).add(entry->words);
  }
  Blocks blocks;
  const core::Instant received_at =
      options_.received_at ? *options_.received_at : grid_.feed_clock();
  const std::string source = read_text(params.getSource());
  for (auto& [partition, builder] : builders_) {
    if (builder.empty()) continue;
    auto& mark = options_.marks[partition];
    mark.number = number;
    builder.set_number(number);
    builder.set_source(source);
    builder.set_received_at(received_at);
    blocks.emplace_back(partition, builder.finish({options_.sender, ++mark.n}));
  }
  return blocks;
}

template <class Context>
kj::Promise<void> FeedServer::append(Blocks blocks, Context context) {
  return line_
      .run([append = grid_.append, journey = journey_,
            blocks = std::move(blocks)]() -> std::optional<Error> {
        if (!journey->failure && !blocks.empty())
          if (auto appended = append(blocks); !appended) journey->failure = appended.error();
        return journey->failure;
      })
      .then([context](std::optional<Error>&& failure) mutable {
        if (failure) write(*failure, context.getResults().initFailure());
      })
      .attach(thisCap());
}

kj::Promise<void> FeedServer::send(SendContext context) {
  const auto params = context.getParams();
  auto wrong = wrong_number(params.getNumber());
  if (params.getMessages().size() > rpc::ENTRIES_MAX)
    wrong = Error{Errc::limit, fmt::format("{} messages: a block has at most {}",
                                           params.getMessages().size(), rpc::ENTRIES_MAX)};
  if (wrong) {
    write(*wrong, context.getResults().initFailure());
    return kj::READY_NOW;
  }
  last_ = std::max(last_, params.getNumber());
  std::vector<std::pair<std::uint32_t, std::string>> rejected;
  auto blocks = split(params, rejected);
  auto list = context.getResults().initRejected(static_cast<unsigned>(rejected.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setIndex(rejected[i].first);
    list[i].setText(text_of(rejected[i].second));
  }
  return append(std::move(blocks), context);
}

kj::Promise<void> FeedServer::finish(FinishContext context) {
  Blocks blocks;
  if (!std::exchange(finished_, true) && grid_.delivers_once) {
    for (auto& [partition, mark] : options_.marks) {
      if (mark.n == 0) continue;
      storage::BlockBuilder builder(grid_.feed_clock(), {});
      blocks.emplace_back(partition, builder.finish({options_.sender, ++mark.n}, true));
    }
  }
  return append(std::move(blocks), context);
}

}  // namespace hhgrid::net
