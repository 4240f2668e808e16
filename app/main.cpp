#include "app/commands.hpp"
#include "app/process_start.hpp"

/// Wires everything in sight: the commands are made here, and each opens what it needs.
int main(int argc, char** argv) {
  hhgrid::app::prepare_process();
  hhgrid::app::CommandLine line;
  hhgrid::app::add_node(line);
  hhgrid::app::add_ingest(line);
  hhgrid::app::add_run(line);
  hhgrid::app::add_runs(line);
  hhgrid::app::add_close_day(line);
  hhgrid::app::add_export(line);
  hhgrid::app::add_inspect(line);
  hhgrid::app::add_status(line);
  hhgrid::app::add_dead_letters(line);
  hhgrid::app::add_outbox(line);
  hhgrid::app::add_audit(line);
  hhgrid::app::add_check(line);
  hhgrid::app::add_simulate(line);
  hhgrid::app::add_demo(line);
  hhgrid::app::add_bench(line);
  hhgrid::app::add_help(line);
  return line.run(argc, argv);
}
