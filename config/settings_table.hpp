#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "config/settings.hpp"

namespace hhgrid::config {

/// A whole number of the settings with the range that it may have.
struct WholeNumber {
  std::uint64_t (*get)(const Settings&);
  void (*set)(Settings&, std::uint64_t);
  std::uint64_t least;
  std::uint64_t greatest;
};

/// A path; `may_be_empty` when an empty text has a meaning.
struct PathText {
  std::filesystem::path& (*at)(Settings&);
  bool may_be_empty;
};

/// A text of a certain form, or an empty one.
struct FormText {
  std::string& (*at)(Settings&);
  bool (*holds)(std::string_view);  ///< Whether a text that is not empty has the form.
  std::string_view form;            ///< "4 capital letters or digits": what it is.
};

/// One word out of a few.
struct Choice {
  std::size_t (*get)(const Settings&);
  void (*set)(Settings&, std::size_t);
  std::span<const std::string_view> words;
};

/// Windows of periods by GSP Group.
struct GroupWindows {
  PeriodWindows& (*at)(Settings&);
};

/// One setting: where it stands in the file, where in `Settings`, and what it may be.
struct Setting {
  std::string_view table;
  std::string_view key;
  std::variant<WholeNumber, PathText, FormText, Choice, GroupWindows> kind;
};

/// Every setting, in the order of config/hhgrid.toml.
std::span<const Setting> all_settings();

/// "a whole number from 1 to 1024" and the like: completes a sentence that begins "must be".
std::string allowed_values(const Setting& setting);

}  // namespace hhgrid::config
