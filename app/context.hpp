#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/failure.hpp"
#include "app/terminal.hpp"
#include "config/settings.hpp"
#include "core/types.hpp"

namespace hhgrid::app {

/// What every command is given: the settings in force and where its output goes.
struct Context {
  config::Settings settings;
  bool data_given = false;   ///< The data directory was named on the command line.
  std::string connect;       ///< Address of the node to be asked; empty: the data directory.
  std::string node_setting;  ///< A setting given on the command line that is a node's to have.
  bool json = false;         ///< Output for scripts.
  bool quiet = false;        ///< Only what was asked for, and errors.
  Terminal out{stdout};
  Terminal err{stderr};
  /// Why a grid that was opened could not be closed as it should; filled when it is closed.
  std::shared_ptr<std::optional<Failure>> closing = std::make_shared<std::optional<Failure>>();

  /// Where the grid is, for sentences.
  std::string place() const { return connect.empty() ? settings.data.directory.string() : connect; }
  /// A command to give next for this grid, as it has to be typed.
  std::string hint(std::string_view command) const;

  /// Progress and remarks: on standard error, unless somebody wants silence or JSON.
  bool talks() const { return !json && !quiet; }
};

/// The time now, as the grid stamps what it receives.
core::Instant now();

/// A usage error when the option's moment is still to come: what the grid knew then, nobody knows
/// yet.
Result<void> refuse_future(std::string_view option, std::optional<core::Instant> moment);

}  // namespace hhgrid::app
