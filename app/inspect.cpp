#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/json_value.hpp"
#include "app/open_grid.hpp"
#include "app/table.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

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

bool all_scalar(const JsonValue& value) {
  return std::all_of(value.members.begin(), value.members.end(),
                     [](const auto& member) { return member.second.scalar(); });
}

/// Objects with the same simple members: rows of a table.
bool is_table(const JsonValue& list) {
  if (list.members.empty()) return false;
  const JsonValue& first = list.members.front().second;
  return std::all_of(list.members.begin(), list.members.end(), [&](const auto& member) {
    const JsonValue& row = member.second;
    return row.kind == JsonValue::Kind::object && all_scalar(row) &&
           std::equal(row.members.begin(), row.members.end(), first.members.begin(),
                      first.members.end(),
                      [](const auto& a, const auto& b) { return a.first == b.first; });
  });
}

/// Shows a JSON value as indented lines, and lists of like objects as tables.
class View {
 public:
  explicit View(const Terminal& terminal) : terminal_(terminal) {}

  std::string text(const JsonValue& value) {
    members(value, "");
    return std::move(out_);
  }

 private:
  void members(const JsonValue& value, const std::string& indent) {
    std::size_t width = 0;
    for (const auto& [key, member] : value.members)
      if (member.scalar()) width = std::max(width, key.size());
    for (const auto& [key, member] : value.members) {
      if (member.scalar()) {
        out_ += fmt::format("{}{:<{}}  {}\n", indent, label(key), width, member.text);
      } else {
        nested(label(key), member, indent);
      }
    }
  }

  void nested(const std::string& name, const JsonValue& value, const std::string& indent) {
    if (value.members.empty()) {
      out_ += fmt::format("{}{}: none\n", indent, name);
    } else if (value.kind == JsonValue::Kind::list && all_scalar(value)) {
      scalars(name, value, indent);
    } else if (value.kind == JsonValue::Kind::list && is_table(value)) {
      out_ += indent + terminal_.styled(name, Style::cyan) + "\n";
      table(value);
    } else {
      out_ += indent + terminal_.styled(name, Style::cyan) + "\n";
      if (value.kind == JsonValue::Kind::object) return members(value, indent + "  ");
      for (const auto& [none, element] : value.members) {
        if (element.scalar()) {
          out_ += indent + "  - " + element.text + "\n";
        } else {
          members(element, indent + "  ");
          out_ += "\n";
        }
      }
    }
  }

  /// Plain values one after the other, as many to a line as fit.
  void scalars(const std::string& name, const JsonValue& value, const std::string& indent) {
    std::string line = indent + terminal_.styled(name, Style::cyan) + ":";
    std::size_t used = indent.size() + name.size() + 1;
    for (const auto& [none, element] : value.members) {
      if (used + 1 + element.text.size() > line_width) {
        out_ += line + "\n";
        line = indent + "   ";
        used = line.size();
      }
      line += " " + element.text;
      used += 1 + element.text.size();
    }
    out_ += line + "\n";
  }

  void table(const JsonValue& list) {
    std::vector<std::string> columns;
    for (const auto& [key, none] : list.members.front().second.members)
      columns.push_back(label(key));
    Table table(std::move(columns));
    for (const auto& [none, row] : list.members) {
      std::vector<Table::Cell> cells;
      for (const auto& [key, cell] : row.members)
        cells.push_back(cell.kind == JsonValue::Kind::number ? Table::Cell::of_number(cell.text)
                                                             : Table::Cell(cell.text));
      table.row(std::move(cells));
    }
    out_ += table.text(terminal_);
  }

  const Terminal& terminal_;
  std::string out_;
};

Result<ExitCode> InspectCommand::run(Context& context) const {
  auto opened = open_grid(context);
  if (!opened) return tl::unexpected(opened.error());
  actors::Grid& grid = ***opened;
  if (const auto handle = grid.actor(address); !handle)
    return fail(ExitCode::usage, "ADDRESS: " + handle.error().text);
  if (auto drained = grid.drain(); !drained) return fail(drained.error());
  const auto description = grid.inspect(address, day);
  if (!description) {
    // The address is one, but nobody lives there: the question was wrong, not the store.
    if (description.error().code == storage::Errc::foreign)
      return fail(ExitCode::usage, description.error().text);
    return fail(description.error());
  }
  if (context.json) {
    context.out.write(*description + "\n");
    return ExitCode::done;
  }
  const auto value = parse_json(*description);
  context.out.write(value ? View(context.out).text(*value) : *description + "\n");
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
  add_parsed(command, "--day", options->day, "A meter's UTC day, or a settlement day",
             core::parse_day_number)
      ->type_name("YYYY-MM-DD");
}

}  // namespace hhgrid::app
