#include "actors/market/market_fold.hpp"

#include <fmt/format.h>
#include <kj/exception.h>

#include <utility>

#include "actors/market/day_closed.hpp"
#include "actors/market/day_sums.hpp"
#include "actors/market/group_settled.hpp"
#include "actors/market/market_load.hpp"
#include "actors/market/run_defaults.hpp"
#include "actors/market/run_release.hpp"
#include "actors/market/run_request.hpp"
#include "actors/market/run_sums.hpp"
#include "actors/standing/standing_refusals.hpp"
#include "actors/standing/standing_row.hpp"

namespace hhgrid::actors {
namespace {

std::string run_address(std::uint32_t number) { return "run/" + std::to_string(number); }

std::string address_in_market(const schema::Entry::Reader& entry) {
  switch (entry.which()) {
    case schema::Entry::RUN_SUMS:
      return run_address(entry.getRunSums().getRunNumber());
    case schema::Entry::RUN_DEFAULTS:
      return run_address(entry.getRunDefaults().getRunNumber());
    case schema::Entry::GROUP_SETTLED:
      return run_address(entry.getGroupSettled().getRunNumber());
    case schema::Entry::RUN_RELEASE:
      return run_address(entry.getRunRelease().getRunNumber());
    default:
      return is_standing(entry.which()) ? standing_address(read_standing(entry)) : "market";
  }
}

/// What a run's record says, or what its failure means for a turn.
std::optional<RunInfo> need(tl::expected<std::optional<RunInfo>, storage::Error> run) {
  if (!run) throw_read_error(run.error());
  return std::move(*run);
}

MarketPorts ledger_of(const storage::Store& store) {
  return {.run =
              [&store](std::uint32_t number) {
                const storage::Store::View view(store);
                return need(read_run(view, number));
              },
          .run_of_request =
              [&store](std::uint64_t request_id) {
                const storage::Store::View view(store);
                return need(run_of_request(view, request_id));
              },
          .is_closed =
              [&store](core::UtcDay day) {
                const auto closing = closing_of(store, day);
                if (!closing) throw_read_error(closing.error());
                return *closing && (*closing)->complete;
              },
          .published =
              [&store](core::UtcDay day) {
                auto shapes = published_of(store, day);
                if (!shapes) throw_read_error(shapes.error());
                return std::move(*shapes);
              }};
}

/// Group Takes are the GSP Groups' own.
bool is_of_market(schema::Entry::Which which) {
  return is_standing(which) && which != schema::Entry::GROUP_TAKE;
}

}  // namespace

MarketFold::MarketFold(Identity identity, storage::Store& store,
                       const core::SettlementCalendar& calendar, MarketFoldOptions options)
    : Fold(identity, store),
      state_(
          calendar, identity.topology,
          [&store](core::UtcDay first, core::UtcDay last, const ShapeTotals::Add& add) {
            read_shape_totals(store, first, last, add);
          },
          ledger_of(store)),
      on_run_(std::move(options.on_run)) {}

tl::expected<void, storage::Error> MarketFold::load_state() {
  const storage::Store::View view(store());
  return load_market(state_, view).and_then([&] { return load_closings(state_, view); });
}

void MarketFold::write_meta(schema::MetaRecord::Builder meta) const {
  meta.setRunCount(state_.run_count);
}

void MarketFold::read_meta(schema::MetaRecord::Reader meta) {
  state_.run_count = meta.getRunCount();
}

// -- turns --------------------------------------------------------------------------------------

MarketEffects MarketFold::effects_of(const schema::Entry::Reader& entry, EntryBytes bytes,
                                     const TurnContext& context) {
  switch (entry.which()) {
    case schema::Entry::RUN_REQUEST:
      return actors::turn(state_, entry.getRunRequest(), context);
    case schema::Entry::RUN_SUMS:
      return actors::turn(state_, entry.getRunSums(), bytes);
    case schema::Entry::RUN_DEFAULTS:
      return actors::turn(state_, entry.getRunDefaults(), bytes);
    case schema::Entry::GROUP_SETTLED:
      return actors::turn(state_, entry.getGroupSettled(), bytes);
    case schema::Entry::RUN_RELEASE:
      return actors::turn(state_, entry.getRunRelease());
    case schema::Entry::DAY_CLOSED:
      return actors::turn(state_, entry.getDayClosed(), context);
    case schema::Entry::DAY_SUMS:
      return actors::turn(state_, entry.getDaySums(), bytes);
    default:
      break;
  }
  if (!is_of_market(entry.which()))
    throw TurnFailure(fmt::format("an entry of kind {} is not for the market partition",
                                  static_cast<int>(entry.which())));
  MarketEffects effects;
  state_.standing.turn(entry, bytes, context, standing_ports(context), effects);
  return effects;
}

void MarketFold::turn(const schema::Entry::Reader& entry, kj::ArrayPtr<const capnp::word> bytes,
                      const TurnContext& context) {
  if (entry.isDeadLetterReplay()) {
    replay_dead_letter(storage::Position::from_number(entry.getDeadLetterReplay().getPosition()),
                       context);
    return;
  }
  MarketEffects effects = effects_of(entry, bytes, context);
  if ((is_standing(entry.which()) || entry.isDayClosed()) && effects.writes.empty())
    leaves_nothing();
  if (is_replied_to() && is_standing(entry.which())) reply(standing_reply(effects));
  tell_senders(effects.contradicted);
  for (MarketMessage& message : effects.messages) send(message.destination, *message.message);
  std::move(effects.writes.begin(), effects.writes.end(), std::back_inserter(writes_));
  std::move(effects.events.begin(), effects.events.end(), std::back_inserter(events_));
}

StandingPorts MarketFold::standing_ports(const TurnContext& context) {
  return {
      .delivery_began = delivery_began(),
      .of_delivery = [this, position = context.position](
                         storage::Position earlier) { return of_one_delivery(earlier, position); },
      .records = [this](const std::string& prefix) { return actor_records(prefix); }};
}

std::map<std::string, std::string> MarketFold::actor_records(const std::string& prefix) {
  std::map<std::string, std::string> found;
  const auto scanned =
      store().scan_prefix(Family::actor, prefix, [&](std::string_view key, std::string_view value) {
        found.emplace(key, value);
        return true;
      });
  if (!scanned) throw_read_error(scanned.error());
  // Few turns ask, so what the block has written is put in order when one does.
  for (; ordered_ < writes_.size(); ++ordered_)
    if (writes_[ordered_].family == Family::actor)
      written_.insert_or_assign(writes_[ordered_].key, ordered_);
  for (auto at = written_.lower_bound(prefix);
       at != written_.end() && at->first.starts_with(prefix); ++at)
    if (const auto& value = writes_[at->second].value)
      found.insert_or_assign(at->first, *value);
    else
      found.erase(at->first);
  return found;
}

void MarketFold::forget_writes() {
  writes_.clear();
  written_.clear();
  ordered_ = 0;
}

std::string MarketFold::address_of(const schema::Entry::Reader& entry) const {
  try {
    return address_in_market(entry);
  } catch (const kj::Exception&) {
    return "market";  // what cannot be read has no better address
  } catch (const TurnFailure&) {
    return "market";
  }
}

bool MarketFold::may_stop_half_way(const schema::Entry::Reader& entry) const {
  return !is_standing(entry.which());
}

void MarketFold::forget_state() {
  state_.clear();
  state_.run_count = 0;
  forget_writes();
  events_.clear();
}

void MarketFold::turn_failed(const schema::Entry::Reader&, const TurnContext&) { ++failed_turns_; }

void MarketFold::turn_replayed(const schema::Entry::Reader&) {}

// -- committing ---------------------------------------------------------------------------------

void MarketFold::write_state(storage::Commit& commit) {
  for (const StoreWrite& write : writes_) {
    if (write.value)
      commit.put(write.family, write.key, *write.value);
    else
      commit.erase(write.family, write.key);
  }
  forget_writes();
}

void MarketFold::committed() {
  state_.committed();
  if (state_.open.empty()) state_.shape_totals.trim();
  for (const RunEvent& event : std::exchange(events_, {}))
    if (on_run_) on_run_(event);
}

}  // namespace hhgrid::actors
