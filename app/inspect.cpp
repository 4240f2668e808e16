#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "actors/host/address.hpp"
#include "app/asked_grid.hpp"
#include "app/commands.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t line_width = 96;

struct InspectCommand {
  std::string address;
  std::optional<std::int32_t> day;

  Result<ExitCode> run(Context& context) const;
};

std::string label(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

bool all_scalar(const Json& value) {
  return std::all_of(value.begin(), value.end(),
                     [](const Json& member) { return member.is_primitive(); });
}

std::string scalar_text(const Json& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? core::printable(value.get<std::string>()) : value.dump();
}

/// Objects with simple members: rows of a table, in which some may leave some out.
bool is_table(const Json& list) {
  return list.is_array() && !list.empty() && std::all_of(list.begin(), list.end(), [](auto& row) {
           return row.is_object() && all_scalar(row);
         });
}

/// The members of all rows; one that only later rows have stands behind the one before it there.
std::vector<std::string> columns_of(const Json& list) {
  std::vector<std::string> columns;
  for (const Json& row : list) {
    auto next = columns.begin();
    for (const auto& [key, none] : row.items()) {
      const auto known = std::find(columns.begin(), columns.end(), key);
      next = (known == columns.end() ? columns.insert(next, key) : known) + 1;
    }
  }
  return columns;
}

/// What an actor shows the newest of: `items`, and how many `more` there are.
bool is_excerpt(const Json& value) {
  return value.is_object() && value.size() == 2 && value.contains("items") &&
         value.contains("more");
}

/// Shows a JSON value as indented lines, and lists of like objects as tables.
class Sheet {
 public:
  explicit Sheet(const Terminal& terminal) : terminal_(terminal) {}

  std::string text(const Json& value) {
    members(value, "");
    return std::move(out_);
  }

 private:
  void members(const Json& value, const std::string& indent) {
    std::size_t width = 0;
    for (const auto& [key, member] : value.items())
      if (member.is_primitive()) width = std::max(width, key.size());
    for (const auto& [key, member] : value.items()) {
      if (member.is_primitive()) {
        out_ += fmt::format("{}{:<{}}  {}\n", indent, label(key), width, scalar_text(member));
      } else {
        nested(label(key), member, indent);
      }
    }
  }

  void nested(const std::string& name, const Json& value, const std::string& indent) {
    if (is_excerpt(value)) {
      nested(name, value["items"], indent);
      if (value["more"] != 0)
        out_ += fmt::format("{}  and {} more\n", indent, value["more"].dump());
    } else if (value.empty()) {
      out_ += fmt::format("{}{}: none\n", indent, name);
    } else if (value.is_array() && all_scalar(value)) {
      scalars(name, value, indent);
    } else if (is_table(value)) {
      out_ += indent + terminal_.styled(name, Style::cyan) + "\n";
      table(value);
    } else {
      out_ += indent + terminal_.styled(name, Style::cyan) + "\n";
      if (value.is_object()) return members(value, indent + "  ");
      for (const Json& element : value) {
        if (element.is_primitive()) {
          out_ += indent + "  - " + scalar_text(element) + "\n";
        } else {
          members(element, indent + "  ");
          out_ += "\n";
        }
      }
    }
  }

  /// Plain values one after the other, as many to a line as fit.
  void scalars(const std::string& name, const Json& value, const std::string& indent) {
    std::string line = indent + terminal_.styled(name, Style::cyan) + ":";
    std::size_t used = indent.size() + name.size() + 1;
    for (const Json& element : value) {
      const auto text = scalar_text(element);
      if (used + 1 + text.size() > line_width) {
        out_ += line + "\n";
        line = indent + "   ";
        used = line.size();
      }
      line += " " + text;
      used += 1 + text.size();
    }
    out_ += line + "\n";
  }

  void table(const Json& list) {
    const auto columns = columns_of(list);
    std::vector<std::string> labels;
    for (const auto& column : columns) labels.push_back(label(column));
    Table table(std::move(labels));
    for (const Json& row : list) {
      std::vector<Table::Cell> cells;
      for (const auto& column : columns) {
        const Json cell = row.value(column, Json());
        cells.push_back(cell.is_number() ? Table::Cell::of_number(scalar_text(cell))
                                         : Table::Cell(scalar_text(cell)));
      }
      table.row(std::move(cells));
    }
    out_ += table.text(terminal_);
  }

  const Terminal& terminal_;
  std::string out_;
};

Result<ExitCode> InspectCommand::run(Context& context) const {
  if (const auto parsed = actors::parse_address(address); !parsed)
    return fail(ExitCode::usage, "ADDRESS: " + parsed.error().text);
  auto asked = ask_grid(context);
  if (!asked) return tl::unexpected(asked.error());
  net::GridService& grid = ***asked;
  if (auto drained = grid.drain(); !drained) return fail(drained.error());
  const auto description = grid.inspect(address, day);
  if (!description) return fail(description.error());
  if (context.json) {
    context.out.write(*description + "\n");
    return ExitCode::done;
  }
  context.out.write(Sheet(context.out).text(Json::parse(*description)));
  return ExitCode::done;
}

}  // namespace

void add_inspect(CommandLine& line) {
  auto options = std::make_shared<InspectCommand>();
  auto& command = line.add("inspect", "Ask one actor for its state and how its values came about",
                           [options](Context& context) { return options->run(context); });
  command
      .add_option("ADDRESS", options->address,
                  "meter/1012345678903, bmu/2__CABCD000, gsp/_C, shape/_C.W.S.T.AI")
      ->required();
  add_parsed(
      command, "--day", options->day,
      "Of a meter and a load shape a UTC day (default: the newest with data), of a unit and a "
      "GSP Group a settlement day (default: the newest with a run)",
      core::parse_day_number)
      ->type_name("YYYY-MM-DD");
}

}  // namespace hhgrid::app
