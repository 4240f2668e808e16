#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "storage/wire/error.hpp"

namespace hhgrid::app {

/// What the program ends with; scripts rely on the numbers (docs/formats.md).
enum class ExitCode : int {
  done = 0,
  usage = 1,           ///< The command line or the settings are wrong.
  input_refused = 2,   ///< Nothing, or not all, was loaded; the summary says which.
  store = 3,           ///< The store is damaged, foreign or in use.
  results_differ = 4,  ///< A run does not recompute to the same bits.
  run_refused = 5,     ///< The run was refused or is held.
  unreachable = 6,     ///< Whoever was asked does not answer.
  unwritten = 7,       ///< Output could not be written: whoever reads it has not got all of it.
};

/// Why a command ends early: a full sentence that names place, value, reason and what to do.
struct Failure {
  ExitCode code = ExitCode::store;
  std::string text;
  std::optional<storage::Errc> cause = std::nullopt;  ///< When a grid has said so.
};

template <class T>
using Result = tl::expected<T, Failure>;

/// A store's error with the exit code that belongs to it and what the user can do about it.
Failure failure_of(const storage::Error& error);

/// A word of a command as it has to be typed: within quotes where a shell would read more into it.
std::string for_shell(std::string_view word);

/// This program as it was called, as it has to be typed.
std::string program();

/// Shorthand for `return tl::unexpected(Failure{...})`.
inline tl::unexpected<Failure> fail(ExitCode code, std::string text) {
  return tl::unexpected(Failure{code, std::move(text)});
}
inline tl::unexpected<Failure> fail(const storage::Error& error) {
  return tl::unexpected(failure_of(error));
}

}  // namespace hhgrid::app
