#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actors/grid/participants.hpp"
#include "app/commands.hpp"
#include "app/open_grid.hpp"
#include "app/period_list.hpp"
#include "app/table.hpp"
#include "app/wait_applied.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

constexpr std::size_t take_default = 10'000, take_max = 1'000'000;

struct TakeCommand {
  std::optional<core::ParticipantId> participant;
  std::size_t limit = take_default;

  Result<ExitCode> run(Context& context) const;
};

std::string json_of(const core::ParticipantId& participant,
                    const actors::ParticipantMessage& message) {
  const auto& [version, refused, allowed] = message.refusal;
  std::vector<std::string> codes;
  for (int c = 0; c < core::refusal_code_count; ++c) {
    const auto code = static_cast<core::RefusalCode>(c);
    if (refused.of(code) != 0)
      codes.push_back(JsonObject()
                          .text("code", core::to_string(code))
                          .raw("periods", fmt::format("[{}]", period_list(refused.of(code), ", ")))
                          .str());
  }
  return JsonObject()
      .text("participant", participant.view())
      .number("partition", message.partition)
      .text("position", to_string(message.id.position))
      .number("n", message.id.n)
      .text("mpan", fmt::format("{:013}", version.mpan))
      .text("measurement_quantity", core::to_string(version.quantity))
      .text("utc_day", core::format_day(version.day.value))
      .raw("refused", fmt::format("[{}]", fmt::join(codes, ", ")))
      .raw("allowed", fmt::format("[{}]", period_list(allowed, ", ")))
      .text("version", to_string(version.position))
      .number("version_n", version.n)
      .str();
}

/// First the messages leave, then the grid forgets them: what is lost between comes again.
Result<ExitCode> TakeCommand::run(Context& context) const {
  auto opened = open_grid(context);
  if (!opened) return tl::unexpected(opened.error());
  actors::Grid& grid = ***opened;
  const auto messages = actors::take(grid, *participant, limit);
  if (!messages) return fail(messages.error());
  for (const auto& message : *messages) context.out.write(json_of(*participant, message) + "\n");
  if (const int error = context.out.error(); error != 0)
    return fail(ExitCode::unwritten,
                fmt::format("standard output: not everything could be written: {}. Nothing was "
                            "acknowledged; take the messages again.",
                            std::strerror(error)));
  const auto acknowledged = actors::acknowledge(grid, *participant, *messages, now());
  if (!acknowledged) return fail(acknowledged.error());
  if (auto applied = wait_applied(context, grid); !applied) return fail(applied.error());
  return ExitCode::done;
}

}  // namespace

void add_outbox(CommandLine& line) {
  auto& command =
      line.add("outbox", "Messages that wait for market participants: take them", nullptr);
  auto options = std::make_shared<TakeCommand>();
  auto& take = line.add_to(command, "take",
                           "Print a participant's messages, a JSON object a line, and forget them",
                           [options](Context& context) { return options->run(context); });
  add_parsed(take, "--participant", options->participant, "Whose messages (MPID)",
             core::ParticipantId::parse)
      ->type_name("MPID")
      ->required();
  take.add_option("--limit", options->limit,
                  fmt::format("At most so many (default: {})", take_default))
      ->check(CLI::Range(std::size_t{1}, take_max));
}

}  // namespace hhgrid::app
