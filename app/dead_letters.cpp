#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

using actors::DeadLetter;

struct ReplayCommand {
  bool all = false;
  std::vector<std::string> positions;

  Result<ExitCode> run(Context& context) const;

 private:
  Result<std::vector<DeadLetter>> choose(const Context& context,
                                         const std::vector<DeadLetter>& letters) const;
};

/// Positions are a partition's own: `PARTITION:POSITION` names a letter in the whole grid.
std::string name_of(const DeadLetter& letter) {
  return fmt::format("{}:{}", letter.partition, to_string(letter.position));
}

void print(const Context& context, const std::vector<DeadLetter>& letters, std::string_view none) {
  Table table({"position", "address", "received at", "reason"});
  for (const auto& letter : letters)
    table.row(
        {name_of(letter), letter.address, core::format_instant(letter.received_at), letter.reason});
  if (context.json) {
    context.out.write(table.json());
  } else {
    context.out.write(letters.empty() ? std::string(none) : table.text(context.out));
  }
}

Result<ExitCode> list_dead_letters(Context& context) {
  auto grid = ask_grid(context);
  if (!grid) return tl::unexpected(grid.error());
  const auto letters = (**grid)->dead_letters();
  if (!letters) return fail(letters.error());
  print(context, *letters, "No dead letters.\n");
  return ExitCode::done;
}

Result<std::vector<DeadLetter>> ReplayCommand::choose(
    const Context& context, const std::vector<DeadLetter>& letters) const {
  if (all) return letters;
  std::vector<DeadLetter> chosen;
  for (const auto& text : positions) {
    std::vector<DeadLetter> named;
    for (const auto& letter : letters)
      if (name_of(letter) == text || to_string(letter.position) == text) named.push_back(letter);
    if (named.empty())
      return fail(ExitCode::usage,
                  fmt::format("POSITION {}: there is no such dead letter. {} shows them.", text,
                              context.hint("dead-letters list")));
    if (named.size() > 1)
      return fail(ExitCode::usage, fmt::format("POSITION {}: several partitions have a dead letter "
                                               "there. Name it as PARTITION:POSITION.",
                                               text));
    // One that is named twice has one turn.
    if (std::none_of(chosen.begin(), chosen.end(), [&](const DeadLetter& letter) {
          return name_of(letter) == name_of(named.front());
        }))
      chosen.push_back(std::move(named.front()));
  }
  return chosen;
}

Result<ExitCode> ReplayCommand::run(Context& context) const {
  if (all == !positions.empty())
    return fail(ExitCode::usage,
                "dead-letters replay wants --all, or the positions of the letters.");
  auto asked = ask_grid(context);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;
  const auto letters = grid.dead_letters();
  if (!letters) return fail(letters.error());
  const auto chosen = choose(context, *letters);
  if (!chosen) return tl::unexpected(chosen.error());
  const auto still = grid.replay(*chosen);
  if (!still) return fail(still.error());
  print(context, *still,
        fmt::format("{} dead letters had their turn; none of them is dead any more.\n",
                    chosen->size()));
  if (still->empty()) return ExitCode::done;
  return fail(ExitCode::input_refused,
              fmt::format("{} of {} entries failed again; the reasons are above.", still->size(),
                          chosen->size()));
}

}  // namespace

void add_dead_letters(CommandLine& line) {
  auto& command = line.add("dead-letters",
                           "Entries whose turn failed: list them, give them another turn", nullptr);
  line.add_to(command, "list", "List the dead letters with their reasons", list_dead_letters);
  auto options = std::make_shared<ReplayCommand>();
  auto& replay =
      line.add_to(command, "replay", "Give dead letters their turn again, through the journal",
                  [options](Context& context) { return options->run(context); });
  replay.add_flag("--all", options->all, "All of them");
  replay.add_option("POSITION", options->positions, "As listed: PARTITION:POSITION");
}

}  // namespace hhgrid::app
