#include <memory>

#include "app/commands.hpp"

namespace hhgrid::app {

void add_help(CommandLine& line) {
  auto names = std::make_shared<std::vector<std::string>>();
  auto& command =
      line.add("help", "Say what a command takes: help run", [&line, names](Context& context) {
        return line.help_of(*names).map([&](const std::string& text) {
          context.out.write(text);
          return ExitCode::done;
        });
      });
  command.add_option("COMMAND", *names, "The command (default: all of them)");
}

}  // namespace hhgrid::app
