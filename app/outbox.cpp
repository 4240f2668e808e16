#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actors/grid/participants.hpp"
#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"
#include "app/wait_applied.hpp"
#include "core/decimal.hpp"
#include "net/tables/period_list.hpp"

namespace hhgrid::app {
namespace {

constexpr std::size_t take_default = 10'000, take_max = 1'000'000;

struct TakeCommand {
  std::optional<core::ParticipantId> participant;
  std::size_t limit = take_default;

  Result<ExitCode> run(Context& context) const;
};

using Periods = std::uint64_t;  // bit p-1

std::string json_array(Periods periods) {
  return fmt::format("[{}]", net::period_list(periods, ", "));
}

std::string json_object(core::RefusalCode code, Periods periods) {
  return JsonObject().text("code", core::to_string(code)).raw("periods", json_array(periods)).str();
}

void add(const actors::RefusalMessage& message, JsonObject& out) {
  std::vector<std::string> codes;
  for (int c = 0; c < core::refusal_code_count; ++c) {
    const auto code = static_cast<core::RefusalCode>(c);
    if (const auto periods = message.refused.of(code)) codes.push_back(json_object(code, periods));
  }
  out.text("kind", "reading")
      .text("address", "meter/" + message.version.mpan.to_string())
      .text("measurement_quantity", core::to_string(message.version.quantity))
      .text("utc_day", core::format_day(message.version.day.value))
      .raw("refused", fmt::format("[{}]", fmt::join(codes, ", ")))
      .raw("allowed", json_array(message.allowed))
      .text("version", to_string(message.version.position))
      .number("version_n", message.version.n);
}

void add(const actors::ContradictedEntry& message, JsonObject& out) {
  out.text("kind", to_string(message.kind)).text("address", message.address);
  if (message.day) out.text("day", core::format_day(*message.day));
  if (!message.subject.empty()) out.text("subject", message.subject);
  out.raw("refused",
          fmt::format("[{}]", json_object(core::RefusalCode::contradicted, message.periods)))
      .text("version", to_string(message.position));
}

std::string json_of(const core::ParticipantId& participant, const actors::WaitingMessage& waiting) {
  JsonObject out;
  out.text("participant", participant.view())
      .number("partition", waiting.partition)
      .text("position", to_string(waiting.id.position))
      .number("n", waiting.id.n);
  std::visit([&](const auto& message) { add(message, out); }, waiting.message);
  return out.str();
}

/// First the messages leave, then the grid forgets them: what is lost between comes again.
Result<ExitCode> TakeCommand::run(Context& context) const {
  auto asked = ask_grid(context);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;
  const auto messages = grid.take(*participant, limit);
  if (!messages) return fail(messages.error());
  for (const auto& message : *messages) context.out.write(json_of(*participant, message) + "\n");
  if (const int error = context.out.error(); error != 0)
    return fail(ExitCode::unwritten,
                fmt::format("standard output: not everything could be written: {}. Nothing was "
                            "acknowledged; take the messages again.",
                            std::strerror(error)));
  const auto acknowledged = grid.acknowledge(*participant, *messages);
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
