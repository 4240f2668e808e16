#include "net/node/node.hpp"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <time.h>

#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/session_options.hpp"
#include "app/table.hpp"

namespace hhgrid::app {
namespace {

net::TimetableOptions timetable(const config::Settings::Timekeeper& settings) {
  constexpr std::int64_t ms_per_minute = 60'000;
  net::TimetableOptions options;
  options.close_at = std::nullopt;
  if (const std::string& at = settings.close_at; !at.empty())
    options.close_at = (std::stoi(at.substr(0, 2)) * 60 + std::stoi(at.substr(3))) * ms_per_minute;
  options.starts_runs = settings.run_dates == config::RunDates::start;
  options.catch_up_days_max = static_cast<std::int32_t>(settings.catch_up_days_max);
  return options;
}

std::int64_t boot_time_ms() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

void say_ready(const Context& context, const net::NodeFile& node) {
  if (context.json)
    context.out.write(JsonObject()
                          .number("pid", static_cast<std::uint64_t>(node.pid))
                          .text("socket", node.socket)
                          .text("http", node.http)
                          .str() +
                      "\n");
  else if (!context.quiet)
    context.out.write(
        fmt::format("The node serves {}: the other commands find it by --data {}.{}\n",
                    context.place(), for_shell(context.place()),
                    node.http.empty() ? "" : fmt::format(" Health: http://{}/readyz.", node.http)));
}

Result<ExitCode> run_node(Context& context) {
  net::hold_signals();  // before the grid's threads begin
  // Nobody else says what a node does, so on standard error too it says all that it is set to.
  if (context.talks() && context.settings.log.level == config::LogLevel::info)
    spdlog::set_level(spdlog::level::info);
  auto opened = open_or_create_grid(context, std::nullopt);
  if (!opened) return tl::unexpected(opened.error());
  actors::Grid& grid = ***opened;
  const auto session = session_options(context.settings);
  net::LocalGridService service(grid, session, now);
  const auto directory = std::filesystem::absolute(grid.directory());
  const auto served = net::served_grid(grid, service, session, std::string(program_version));
  net::NodeOptions options;
  const auto& socket = context.settings.node.socket;
  options.socket = socket.empty() ? directory / "node.sock" : std::filesystem::absolute(socket);
  options.http = context.settings.node.http;
  options.timetable = timetable(context.settings.timekeeper);
  options.clocks = {now, boot_time_ms};
  tl::expected<void, storage::Error> noted;
  options.ready = [&](const net::NodeFile& node) {
    noted = net::write_node_file(directory, node);
    say_ready(context, node);
  };
  const auto ended = net::serve(grid, served, options);
  net::remove_node_file(directory);
  if (!ended) return fail(ended.error());
  if (!noted) return fail(noted.error());
  return ExitCode::done;
}

}  // namespace

void add_node(CommandLine& line) {
  line.add("node", "Open the grid and serve it until SIGTERM", run_node);
}

}  // namespace hhgrid::app
