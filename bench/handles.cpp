#include "bench/handles.hpp"

#include <future>
#include <memory>

#include <fmt/format.h>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/grid/grid.hpp"
#include "bench/feed.hpp"
#include "net/simulator/population.hpp"

namespace hhgrid::bench {
namespace {

constexpr std::uint64_t outstanding = 1000;
constexpr auto patience = std::chrono::minutes(5);

/// Asks meter after meter, day after day.
struct Asker {
  actors::Grid* grid = nullptr;
  const net::Population* population = nullptr;
  std::uint64_t total = 0, next = 0, answered = 0;
  std::promise<std::string>* done = nullptr;  ///< Told what went wrong, or nothing.
  static inline const char* name = "asker";
};

/// Tells how it ended, and quits: the time-outs of the requests would keep it until they pass.
void finish(caf::stateful_actor<Asker>* self, std::string what) {
  if (self->state.done != nullptr)
    std::exchange(self->state.done, nullptr)->set_value(std::move(what));
  self->quit();
}

void ask_next(caf::stateful_actor<Asker>* self) {
  auto& state = self->state;
  if (state.next >= state.total) return;
  const std::uint32_t meters = state.population->options().meters;
  const auto meter = static_cast<std::uint32_t>(state.next % meters);
  const auto day = state.population->options().first_day + static_cast<int>(state.next / meters);
  ++state.next;
  const auto traits = state.population->traits(meter);
  self->request(state.grid->meter(traits.mpan), patience, state.population->consumption(meter, day))
      .then(
          [self](const actors::Reply& reply) {
            if (reply.kind != actors::Reply::Kind::accepted)
              return finish(self, std::string(to_string(reply.kind)));
            if (++self->state.answered == self->state.total) return finish(self, {});
            ask_next(self);
          },
          [self](const caf::error& e) { finish(self, self->system().render(e)); });
}

caf::behavior asker(caf::stateful_actor<Asker>* self, const Asker& task) {
  self->state = task;
  for (std::uint64_t n = 0; n < outstanding; ++n) ask_next(self);
  return {[](int) {}};
}

}  // namespace

int run_handles(caf::actor_system& system, const HandlesOptions& options) {
  net::PopulationOptions of;
  of.meters = options.meters;
  of.days = options.days;
  const net::Population population(of);
  std::vector<double> rates;
  for (int n = 0; n < options.runs; ++n) {
    actors::GridOptions grid_options;
    grid_options.directory = options.directory / "handles";
    grid_options.partitions = options.partitions;
    std::filesystem::remove_all(grid_options.directory);
    auto grid = actors::Grid::open(system, grid_options);
    if (!grid) throw std::runtime_error(grid.error().text);
    SessionFeed feed(**grid);
    storage::EntryScratch scratch;
    for (std::uint32_t i = 0; i < options.meters; ++i)
      for (const auto& registration : population.registrations(i))
        must(feed.session().add_meter(registration.mpan,
                                      storage::encode_registration(registration, scratch)));
    feed.finish();
    std::promise<std::string> done;
    const std::uint64_t total =
        std::uint64_t{options.meters} * static_cast<std::uint64_t>(options.days);
    const auto start = Clock::now();
    system.spawn(asker, Asker{grid->get(), &population, total, 0, 0, &done});
    if (const auto wrong = done.get_future().get(); !wrong.empty())
      throw std::runtime_error("a reading was not accepted: " + wrong);
    rates.push_back(static_cast<double>(total) / seconds_since(start));
  }
  options.report(
      {"handles",
       {{"requests_per_s", median(rates)}},
       fmt::format("handles {:.0f} requests/s, durable and applied when replied to (median of {}; "
                   "{} outstanding, {} meters x {} days, {} partitions)",
                   median(rates), options.runs, outstanding, options.meters, options.days,
                   options.partitions)});
  std::filesystem::remove_all(options.directory / "handles");
  return 0;
}

}  // namespace hhgrid::bench
