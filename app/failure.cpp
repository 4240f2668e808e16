#include "app/failure.hpp"

#include <cerrno>

namespace hhgrid::app {
namespace {

std::string_view advice(storage::Errc code) {
  switch (code) {
    case storage::Errc::in_use:
      return "Wait until the other process ends, or name another directory with --data.";
    case storage::Errc::newer_format:
      return "Use the version of hhgrid that wrote it, or a newer one.";
    case storage::Errc::older_format:
      return "Load the data again into a new directory: this version does not read those made "
             "before it.";
    case storage::Errc::damaged:
    case storage::Errc::damaged_table:
    case storage::Errc::missing_family:
    case storage::Errc::trimmed:
      return "Restore the last good copy; docs/operations.md says how.";
    case storage::Errc::unknown:
      return "";  // the question was wrong, not the store
    case storage::Errc::foreign:
      return "Name the directory of a grid with --data.";
    case storage::Errc::mismatch:
      return "Or name another directory with --data.";
    case storage::Errc::limit:
      return "It is the hard limit that counts; `ulimit -Hn` shows it.";
    case storage::Errc::no_space:
      return "Make space and give the same command again: what is stored already is recognised.";
    case storage::Errc::io:
      return "Check the directory's permissions and the disk.";
    case storage::Errc::closed:
      return "Give the command again.";
    case storage::Errc::unanswered:
      return "Start it with hhgrid node, or give the command again.";
  }
  return "";
}

ExitCode exit_code(storage::Errc code) {
  switch (code) {
    case storage::Errc::no_space:
      return ExitCode::input_refused;
    case storage::Errc::mismatch:
    case storage::Errc::limit:
    case storage::Errc::unknown:
      return ExitCode::usage;
    case storage::Errc::unanswered:
      return ExitCode::unreachable;
    default:
      return ExitCode::store;
  }
}

}  // namespace

Failure failure_of(const storage::Error& error) {
  std::string text = error.text;
  if (!text.empty() && text.back() != '.' && text.back() != '!') text += '.';
  if (const auto what_to_do = advice(error.code); !what_to_do.empty())
    text.append(" ").append(what_to_do);
  return {exit_code(error.code), std::move(text), error.code};
}

std::string for_shell(std::string_view word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos)
    return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string program() { return for_shell(program_invocation_name); }

}  // namespace hhgrid::app
