#include <algorithm>

#include <fmt/format.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"

namespace hhgrid::app {
namespace {

/// Numbers as they are for scripts, grouped for people.
Table::Cell count(const Context& context, std::uint64_t number) {
  return context.json ? Table::Cell(number) : Table::Cell::of_number(grouped(number));
}

/// A line for each participant that something has waited for.
Table table_of(const Context& context, const std::vector<actors::ParticipantStatus>& participants) {
  Table table({"participant", "messages waiting", "oldest", "messages dropped"});
  for (const auto& p : participants)
    table.row({p.participant.view(), count(context, p.count.waiting),
               p.oldest ? core::format_instant(*p.oldest) : "", count(context, p.count.dropped)});
  return table;
}

Result<ExitCode> show_status(Context& context) {
  auto grid = ask_grid(context);
  if (!grid) return tl::unexpected(grid.error());
  const auto partitions = (**grid)->status();
  if (!partitions) return fail(partitions.error());
  Table table({"partition", "kind", "applied", "journal end", "meters", "resident", "memory",
               "disk", "repeated blocks", "early blocks", "dead letters", "trouble"});
  const auto bytes = [&](std::uint64_t n) {
    return context.json ? Table::Cell(n) : Table::Cell::of_number(bytes_text(n));
  };
  for (const auto& p : *partitions)
    table.row({p.id, p.kind == storage::PartitionKind::meters ? "meters" : p.name,
               count(context, p.applied), count(context, p.journal_end), count(context, p.meters),
               count(context, p.resident_meters), bytes(p.memory_bytes + p.store_memory_bytes),
               bytes(p.disk_bytes), count(context, p.repeated_blocks),
               count(context, p.early_blocks), count(context, p.dead_letters), p.trouble});
  const auto participants = (**grid)->participants();
  const Table waiting =
      table_of(context, participants ? *participants : std::vector<actors::ParticipantStatus>());
  if (context.json)
    context.out.write(JsonObject()
                          .raw("partitions", table.json())
                          .raw("participants", participants ? waiting.json() : "null")
                          .str() +
                      "\n");
  else
    context.out.write(table.text(context.out) +
                      (waiting.empty() ? "" : "\n" + waiting.text(context.out)));
  if (!participants) return fail(participants.error());
  const bool trouble =
      std::any_of(partitions->begin(), partitions->end(),
                  [](const auto& partition) { return !partition.trouble.empty(); });
  return trouble ? ExitCode::store : ExitCode::done;
}

}  // namespace

void add_status(CommandLine& line) {
  line.add("status", "Show the partitions, and what waits for participants", show_status);
}

}  // namespace hhgrid::app
