#pragma once

#include "app/command_line.hpp"

namespace hhgrid::app {

// Each adds one command to the program; its file has the command's name.

void add_node(CommandLine& line);
void add_ingest(CommandLine& line);
void add_run(CommandLine& line);
void add_runs(CommandLine& line);
void add_close_day(CommandLine& line);
void add_export(CommandLine& line);
void add_inspect(CommandLine& line);
void add_status(CommandLine& line);
void add_dead_letters(CommandLine& line);
void add_outbox(CommandLine& line);
void add_audit(CommandLine& line);
void add_check(CommandLine& line);
void add_simulate(CommandLine& line);
void add_demo(CommandLine& line);
void add_bench(CommandLine& line);
void add_help(CommandLine& line);

}  // namespace hhgrid::app
