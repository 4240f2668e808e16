#include "app/table.hpp"

#include <algorithm>

#include "core/assertion.hpp"
#include "core/text.hpp"
#include "net/files/csv_writer.hpp"

namespace hhgrid::app {
namespace {

/// Characters as a terminal counts them: UTF-8 bytes that begin one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void append_padded(std::string& out, std::string_view text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  if (right) out += blanks;
  out += text;
  if (!right) out += blanks;
}

std::string quoted(std::string_view text) {
  std::string out;
  net::append_json_string(out, text);
  return out;
}

}  // namespace

void Table::row(std::vector<Cell> cells) {
  HHGRID_ASSERT(cells.size() == columns_.size(), cells.size(), columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(const Terminal& terminal) const {
  auto shown = rows_;  // as wide as it is shown
  for (auto& row : shown)
    for (auto& cell : row) cell.text = core::printable(cell.text);
  std::vector<std::size_t> widths;
  std::vector<bool> right(columns_.size(), false);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(width_of(columns_[i]));
    for (const auto& row : shown) {
      widths[i] = std::max(widths[i], width_of(row[i].text));
      right[i] = right[i] || row[i].number;
    }
  }
  std::string heading, out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    heading += "  ";
    append_padded(heading, columns_[i], widths[i], right[i]);
  }
  heading.erase(heading.find_last_not_of(' ') + 1);
  out = terminal.styled(heading, Style::bold) + "\n";
  for (const auto& row : shown) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += "  ";
      append_padded(line, row[i].text, widths[i], right[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string Table::json() const {
  std::string out = "[";
  for (const auto& row : rows_) {
    JsonObject object;
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::string key = columns_[i];
      std::replace(key.begin(), key.end(), ' ', '_');
      if (row[i].number) {
        object.raw(key, row[i].text);
      } else {
        object.text(key, row[i].text);
      }
    }
    out += (out.size() > 1 ? ",\n " : "") + object.str();
  }
  return out + "]\n";
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  return raw(key, quoted(value));
}

JsonObject& JsonObject::boolean(std::string_view key, bool value) {
  return raw(key, value ? "true" : "false");
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  net::append_json_string(text_, key);
  text_ += ':';
  text_ += json;
  return *this;
}

JsonArray& JsonArray::text(std::string_view value) { return raw(quoted(value)); }

JsonArray& JsonArray::raw(std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += json;
  return *this;
}

}  // namespace hhgrid::app
