#include "config/settings.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "config/settings_table.hpp"

namespace hhgrid::config {

namespace {

/// The value as it would stand in a file, texts in double quotes.
std::string written(const toml::node& node) {
  std::ostringstream text;
  text << toml::toml_formatter{node, toml::format_flags::none};
  return text.str();
}

bool put_number(const WholeNumber& number, Settings& settings, const toml::node& node) {
  const auto* value = node.as_integer();
  if (value == nullptr || value->get() < 0) return false;
  const auto candidate = static_cast<std::uint64_t>(value->get());
  if (candidate < number.least || candidate > number.greatest) return false;
  number.set(settings, candidate);
  return true;
}

bool put_path(const PathText& path, Settings& settings, const toml::node& node) {
  const auto* value = node.as_string();
  if (value == nullptr || (value->get().empty() && !path.may_be_empty)) return false;
  path.at(settings) = value->get();
  return true;
}

bool put_form(const FormText& form, Settings& settings, const toml::node& node) {
  const auto* value = node.as_string();
  if (value == nullptr) return false;
  const std::string& text = value->get();
  if (!text.empty() && !form.holds(text)) return false;
  form.at(settings) = text;
  return true;
}

bool put_windows(const GroupWindows& windows, Settings& settings, const toml::node& node) {
  const auto* value = node.as_string();
  if (value == nullptr) return false;
  auto parsed = parse_period_windows(value->get());
  if (!parsed) return false;
  windows.at(settings) = std::move(*parsed);
  return true;
}

bool put_choice(const Choice& choice, Settings& settings, const toml::node& node) {
  const auto* value = node.as_string();
  if (value == nullptr) return false;
  const auto word = std::find(choice.words.begin(), choice.words.end(), value->get());
  if (word == choice.words.end()) return false;
  choice.set(settings, static_cast<std::size_t>(word - choice.words.begin()));
  return true;
}

/// Sets `setting` to the value of `node`; false when it may not be that.
bool put(const Setting& setting, Settings& settings, const toml::node& node) {
  if (const auto* number = std::get_if<WholeNumber>(&setting.kind)) {
    return put_number(*number, settings, node);
  }
  if (const auto* path = std::get_if<PathText>(&setting.kind)) {
    return put_path(*path, settings, node);
  }
  if (const auto* form = std::get_if<FormText>(&setting.kind)) {
    return put_form(*form, settings, node);
  }
  if (const auto* windows = std::get_if<GroupWindows>(&setting.kind)) {
    return put_windows(*windows, settings, node);
  }
  return put_choice(std::get<Choice>(setting.kind), settings, node);
}

const Setting* find_setting(std::string_view table, std::string_view key) {
  for (const auto& setting : all_settings()) {
    if (setting.table == table && setting.key == key) return &setting;
  }
  return nullptr;
}

/// "one of a, b": the keys of the table, or the tables when the file has no such table.
std::string known_names(std::optional<std::string_view> table) {
  std::vector<std::string_view> names;
  for (const auto& setting : all_settings()) {
    const auto name = table ? setting.key : setting.table;
    if (table && setting.table != *table) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return fmt::format("must be one of {}", fmt::join(names, ", "));
}

bool is_table(std::string_view name) {
  return std::ranges::any_of(all_settings(), [&](const auto& s) { return s.table == name; });
}

/// What no setting can judge alone.
std::optional<std::string> contradiction(const Settings& settings) {
  if (settings.storage.journal_mib_max < 2 * settings.storage.journal_segment_mib) {
    return fmt::format(
        "[storage] journal_mib_max = {} must be at least twice journal_segment_mib = {}.",
        settings.storage.journal_mib_max, settings.storage.journal_segment_mib);
  }
  return std::nullopt;
}

/// Walks a parsed file and collects every offence.
class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  tl::expected<Settings, Error> read(const toml::table& root) {
    for (const auto& [table_key, node] : root) read_table(table_key, node);
    if (!errors_.empty()) return tl::unexpected(Error{fmt::format("{}", fmt::join(errors_, "\n"))});
    if (const auto text = contradiction(settings_)) {
      return tl::unexpected(Error{fmt::format("{}: {}", name_, *text)});
    }
    return settings_;
  }

 private:
  void read_table(const toml::key& table_key, const toml::node& node) {
    const std::string_view table = table_key.str();
    if (!is_table(table)) {
      refuse(table_key.source(), fmt::format("{} is not a table of the settings: {}.", table,
                                             known_names(std::nullopt)));
    } else if (!node.is_table()) {
      refuse(node.source(),
             fmt::format("{} = {} must be a table [{}].", table, written(node), table));
    } else {
      for (const auto& [key, value] : *node.as_table()) read_value(table, key, value);
    }
  }

  void read_value(std::string_view table, const toml::key& key, const toml::node& value) {
    const auto* setting = find_setting(table, key.str());
    if (setting == nullptr) {
      refuse(key.source(), fmt::format("[{}] {} = {} is not a setting: {}.", table, key.str(),
                                       written(value), known_names(table)));
    } else if (!put(*setting, settings_, value)) {
      refuse(value.source(), fmt::format("[{}] {} = {} must be {}.", table, key.str(),
                                         written(value), allowed_values(*setting)));
    }
  }

  void refuse(const toml::source_region& where, const std::string& text) {
    errors_.push_back(fmt::format("{}:{}: {}", name_, where.begin.line, text));
  }

  std::string name_;
  Settings settings_;
  std::vector<std::string> errors_;
};

tl::expected<toml::table, Error> parse_toml(std::string_view text, std::string_view name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(
        Error{fmt::format("{}:{}: {}.", name, error.source().begin.line, error.description())});
  }
}

}  // namespace

tl::expected<Settings, Error> parse_settings(std::string_view text, std::string_view name) {
  return parse_toml(text, name).and_then([&](const toml::table& root) {
    return Reader(name).read(root);
  });
}

tl::expected<Settings, Error> load_settings(const std::filesystem::path& file) {
  const auto failure = [&] {
    return tl::unexpected(
        Error{fmt::format("{}: cannot be read as a settings file.", file.string())});
  };
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error)
    return tl::unexpected(Error{fmt::format("{}: there is no such settings file.", file.string())});
  std::ifstream stream(file, std::ios::binary);
  if (!stream || !std::filesystem::is_regular_file(file, error)) return failure();
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) return failure();
  return parse_settings(text, file.string());
}

tl::expected<void, Error> override_setting(Settings& settings, std::string_view assignment) {
  const auto refuse = [&](const std::string& why) {
    return tl::unexpected(Error{fmt::format("{}: {}.", assignment, why)});
  };
  const auto equals = assignment.find('=');
  const auto name = assignment.substr(0, equals);
  const auto dot = name.find('.');
  if (equals == std::string_view::npos || dot == std::string_view::npos) {
    return refuse("must be table.key=value, as in storage.memtable_mib=32");
  }
  const auto table = name.substr(0, dot);
  const auto* setting = find_setting(table, name.substr(dot + 1));
  if (setting == nullptr) {
    return refuse(is_table(table) ? "the key " + known_names(table)
                                  : "the table " + known_names(std::nullopt));
  }
  const std::string value(assignment.substr(equals + 1));
  auto changed = settings;
  const toml::value<std::string> plain(value);
  const auto parsed = parse_toml("value = " + value, "");
  const bool done =
      (parsed && parsed->size() == 1 && put(*setting, changed, *parsed->get("value"))) ||
      put(*setting, changed, plain);
  if (!done) return refuse("must be " + allowed_values(*setting));
  if (const auto text = contradiction(changed)) return refuse(*text);
  settings = changed;
  return {};
}

std::string to_toml(const Settings& settings) {
  std::string text;
  std::string_view table;
  auto copy = settings;
  for (const auto& setting : all_settings()) {
    if (setting.table != table) {
      table = setting.table;
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", table);
    }
    if (const auto* number = std::get_if<WholeNumber>(&setting.kind)) {
      text += fmt::format("{} = {}\n", setting.key, number->get(settings));
    } else if (const auto* path = std::get_if<PathText>(&setting.kind)) {
      const toml::value<std::string> value(path->at(copy).string());
      text += fmt::format("{} = {}\n", setting.key, written(value));
    } else if (const auto* form = std::get_if<FormText>(&setting.kind)) {
      text += fmt::format("{} = \"{}\"\n", setting.key, form->at(copy));
    } else if (const auto* windows = std::get_if<GroupWindows>(&setting.kind)) {
      text += fmt::format("{} = \"{}\"\n", setting.key, to_string(windows->at(copy)));
    } else {
      const auto& choice = std::get<Choice>(setting.kind);
      text += fmt::format("{} = \"{}\"\n", setting.key, choice.words[choice.get(settings)]);
    }
  }
  return text;
}

}  // namespace hhgrid::config
