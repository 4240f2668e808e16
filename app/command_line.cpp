#include "app/command_line.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "actors/host/messages.hpp"
#include "app/table.hpp"
#include "core/text.hpp"

namespace hhgrid::app {
namespace {

spdlog::level::level_enum level_of(config::LogLevel level) {
  static constexpr spdlog::level::level_enum levels[] = {spdlog::level::trace, spdlog::level::debug,
                                                         spdlog::level::info,  spdlog::level::warn,
                                                         spdlog::level::err,   spdlog::level::off};
  return levels[static_cast<std::size_t>(level)];
}

/// `%*`: the message, safe for a terminal whatever names it holds.
class SafeMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const auto text = core::printable({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<SafeMessage>();
  }
};

/// A command says itself what it does: on standard error `info` would only repeat it.
Result<void> set_up_log(const config::Settings& settings,
                        const std::shared_ptr<LogFailure>& failure) {
  auto level = level_of(settings.log.level);
  spdlog::sink_ptr sink;
  if (settings.log.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    if (level == spdlog::level::info) level = spdlog::level::warn;
  } else {
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.log.file.string());
    } catch (const spdlog::spdlog_ex& error) {
      return fail(ExitCode::usage,
                  fmt::format("[log] file = {}: {}. Name a file that can be written.",
                              settings.log.file.string(), error.what()));
    }
  }
  auto logger = std::make_shared<spdlog::logger>("hhgrid", std::move(sink));
  logger->set_level(level);
  logger->set_error_handler([failure](const std::string& text) {
    const std::lock_guard lock(failure->mutex);
    if (failure->text.empty()) failure->text = text;
  });
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<SafeMessage>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %*");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
  if (level > spdlog::level::debug) return {};
  std::istringstream in_force(config::to_toml(settings));
  for (std::string line; std::getline(in_force, line);) spdlog::debug("settings: {}", line);
  return {};
}

/// Whether an assignment of --set is of a setting that counts where the grid is open.
bool is_of_node(std::string_view assignment) {
  constexpr std::string_view own[] = {"data.", "ingest.", "log."};
  return std::none_of(std::begin(own), std::end(own),
                      [&](std::string_view table) { return assignment.starts_with(table); });
}

/// The sentence of CLI11 without the name of its class in front.
std::string sentence(const CLI::ParseError& error) {
  std::string text = error.what();
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

const CLI::App* find_command(const CLI::App& parent, std::string_view name) {
  for (const auto* command : parent.get_subcommands([](const CLI::App*) { return true; }))
    if (command->get_name() == name) return command;
  return nullptr;
}

/// CLI11 names them in the reverse order.
std::string unexpected_arguments(const CLI::App& app) {
  std::string text = fmt::format("Not expected: {}.", fmt::join(app.remaining(true), " "));
  const auto before_the_command = app.remaining(false);
  if (!before_the_command.empty() && before_the_command.front().starts_with('-'))
    text += " Options come after the command.";
  return text;
}

}  // namespace

void report(const Failure& failure, bool json) {
  std::string line = "hhgrid: " + core::printable(failure.text, "\n");
  if (json)
    line = JsonObject()
               .text("error", failure.text)
               .number("code", static_cast<int>(failure.code))
               .str();
  // The stream remembers what it could not write (CommandLine::unwritten).
  static_cast<void>(std::fputs((line + "\n").c_str(), stderr));
}

CommandLine::CommandLine()
    : app_("Settles half-hourly meter readings: from the meter to the bank.", "hhgrid") {
  app_.require_subcommand(1);
  app_.set_version_flag("--version", "hhgrid " + std::string(program_version));
  app_.set_help_all_flag("--help-all", "Say what every command takes");
  app_.footer(
      "Exit codes: 0 done; 1 usage; 2 input refused; 3 store damaged, foreign or in use;\n"
      "4 results differ; 5 run refused or held; 6 not reachable; 7 output not written.");
}

void CommandLine::add_common_options(CLI::App& command) {
  const auto group = "Common options";
  command.add_option("--data", data_, "The grid's data directory (default: from the settings)")
      ->type_name("DIR")
      ->group(group);
  command
      .add_option("--connect", connect_,
                  "Ask the node at that address: unix:PATH (default: open the data directory, or "
                  "ask the node that has it)")
      ->type_name("ADDRESS")
      ->group(group);
  command.add_option("--config", config_, "Settings file; config/hhgrid.toml lists every setting")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--set", set_, "One setting, over the file: storage.memtable_mib=32")
      ->type_name("TABLE.KEY=VALUE")
      ->group(group)
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--json", json_, "Output and errors as JSON")->group(group);
  command.add_flag("--quiet,-q", quiet_, "No progress and no remarks")->group(group);
}

CLI::App& CommandLine::add(const std::string& name, const std::string& description, Action action) {
  return add_to(app_, name, description, std::move(action));
}

CLI::App& CommandLine::add_to(CLI::App& parent, const std::string& name,
                              const std::string& description, Action action) {
  CLI::App* command = parent.add_subcommand(name, description);
  add_common_options(*command);
  if (action) {
    actions_.emplace_back(command, std::move(action));
  } else {
    command->require_subcommand(1);
  }
  return *command;
}

Result<std::string> CommandLine::help_of(const std::vector<std::string>& command) const {
  const CLI::App* app = &app_;
  std::string name;
  for (const auto& word : command) {
    name += (name.empty() ? "" : " ") + app->get_name();
    app = find_command(*app, word);
    if (app == nullptr)
      return fail(ExitCode::usage,
                  fmt::format("{}: there is no such command. See {} help.", word, program()));
  }
  name += (name.empty() ? "" : " ") + app->get_name();
  return app->get_formatter()->make_help(app, name, CLI::AppFormatMode::Normal);
}

ExitCode CommandLine::usage(const CLI::ParseError& error, bool json) {
  if (error.get_exit_code() == 0) {  // --help, --version
    app_.exit(error);
    return ExitCode::done;
  }
  std::string command = program();
  const CLI::App* last = &app_;
  for (const auto* chosen = &app_; chosen != nullptr;) {
    const auto below = chosen->get_subcommands();
    chosen = below.empty() ? nullptr : below.front();
    if (chosen == nullptr) continue;
    command += " " + chosen->get_name();
    last = chosen;
  }
  // CLI11 misses a command where there is one that it does not know.
  const auto unknown = last->remaining();
  const bool wants_command = !last->get_subcommands([](const CLI::App*) { return true; }).empty();
  const std::string said = wants_command && !unknown.empty() && !unknown.front().starts_with('-')
                               ? fmt::format("{}: there is no such command.", unknown.front())
                           : dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr
                               ? unexpected_arguments(app_)
                               : sentence(error);
  report({ExitCode::usage, fmt::format("{} See {} --help.", said, command)}, json);
  return ExitCode::usage;
}

Result<void> CommandLine::prepare(Context& context) const {
  if (!config_.empty()) {
    auto settings = config::load_settings(config_);
    if (!settings) return fail(ExitCode::usage, settings.error().text);
    context.settings = std::move(*settings);
  }
  for (const auto& assignment : set_)
    if (auto done = config::override_setting(context.settings, assignment); !done)
      return fail(ExitCode::usage, "--set " + done.error().text);
  for (const auto& assignment : set_)
    if (is_of_node(assignment)) context.node_setting = assignment;
  context.data_given = data_.has_value() || !connect_.empty();
  context.connect = connect_;
  if (data_ && !connect_.empty())
    return fail(ExitCode::usage, "--data names a directory, --connect a node: give one of them.");
  if (data_) context.settings.data.directory = *data_;
  return set_up_log(context.settings, log_failure_);
}

ExitCode CommandLine::carry_out(Context& context, int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool json = std::any_of(
        argv, argv + argc, [](const char* text) { return std::string_view(text) == "--json"; });
    return usage(error, json);
  }
  context.json = json_;
  context.quiet = quiet_;
  Result<ExitCode> result = ExitCode::usage;
  try {
    result = prepare(context).and_then([&]() -> Result<ExitCode> {
      for (const auto& [command, action] : actions_)
        if (command->parsed()) return action(context);
      return ExitCode::usage;
    });
  } catch (...) {  // a broken invariant, no memory, no tz database: a sentence all the same
    result =
        fail(ExitCode::store, fmt::format("The program cannot go on: {}.",
                                          actors::describe_exception(std::current_exception())));
  }
  // A command that has gone well has not, when the store that it has filled turns out damaged.
  if (result == ExitCode::done && *context.closing) result = tl::unexpected(**context.closing);
  if (result) return *result;
  report(result.error(), json_);
  return result.error().code;
}

/// What of standard output, standard error and the log could not be written.
std::optional<Failure> CommandLine::unwritten(const Context& context) const {
  spdlog::default_logger_raw()->flush();
  errno = 0;
  std::fflush(stdout);
  const int flushed = errno;
  const auto failure = [](const std::string& what, const std::string& cause) {
    return Failure{ExitCode::unwritten,
                   fmt::format("{}: not everything could be written{}.", what, cause)};
  };
  const auto failure_of_stream = [&](const std::string& what, int error) {
    return failure(what, error == 0 ? "" : std::string(": ") + std::strerror(error));
  };
  if (std::ferror(stdout) != 0)
    return failure_of_stream("standard output",
                             context.out.error() != 0 ? context.out.error() : flushed);
  if (std::ferror(stderr) != 0) return failure_of_stream("standard error", context.err.error());
  const std::lock_guard lock(log_failure_->mutex);
  if (!log_failure_->text.empty())
    return failure("the log " + context.settings.log.file.string(), ": " + log_failure_->text);
  return std::nullopt;
}

int CommandLine::run(int argc, char** argv) {
  Context context;
  auto code = carry_out(context, argc, argv);
  if (const auto failure = unwritten(context)) {
    // An export that could not be written has said so itself.
    if (code != ExitCode::unwritten) report(*failure, json_);
    code = ExitCode::unwritten;
  }
  return static_cast<int>(code);
}

}  // namespace hhgrid::app
