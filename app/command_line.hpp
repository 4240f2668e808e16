#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/context.hpp"
#include "app/failure.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {

inline constexpr std::string_view program_version = "0.1.0";

/// Why the log could not be written; the log's threads and the command line share it.
struct LogFailure {
  std::mutex mutex;
  std::string text;  ///< Of the first failure; empty when there was none.
};

/// The program's commands and the options that all of them share.
class CommandLine {
 public:
  /// What a command does; it has read its own options by then.
  using Action = std::function<Result<ExitCode>(Context&)>;

  CommandLine();

  /// Adds a command. The caller adds its options to the result, and makes `action` hold what they
  /// fill.
  CLI::App& add(const std::string& name, const std::string& description, Action action);
  /// Adds a command within another (`dead-letters list`).
  CLI::App& add_to(CLI::App& parent, const std::string& name, const std::string& description,
                   Action action);
  /// What `--help` says of a command, named word by word; of the program when there are no words.
  Result<std::string> help_of(const std::vector<std::string>& command) const;
  /// Reads the arguments, sets up settings and logging, and runs the command. Returns the exit
  /// code: 7 instead of any other when output could not be written.
  int run(int argc, char** argv);

 private:
  ExitCode carry_out(Context& context, int argc, char** argv);
  std::optional<Failure> unwritten(const Context& context) const;
  void add_common_options(CLI::App& command);
  ExitCode usage(const CLI::ParseError& error, bool json);
  Result<void> prepare(Context& context) const;

  CLI::App app_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
  std::optional<std::filesystem::path> data_;
  std::string connect_;
  std::filesystem::path config_;
  std::vector<std::string> set_;
  bool json_ = false, quiet_ = false;
  std::shared_ptr<LogFailure> log_failure_ = std::make_shared<LogFailure>();
};

/// Adds an option whose value is parsed by `parse` (core::Parsed): what is no value is a usage
/// error with the parser's sentence.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App& command, const std::string& name, std::optional<T>& target,
                        const std::string& description, Parse parse) {
  return command.add_option_function<std::string>(
      name,
      [&target, parse, name](const std::string& text) {
        auto value = parse(text);
        if (!value) throw CLI::ValidationError(name, value.error().text);
        target = *value;
      },
      description);
}

/// Writes an error to standard error, as a sentence or as a JSON object.
void report(const Failure& failure, bool json);

}  // namespace hhgrid::app
