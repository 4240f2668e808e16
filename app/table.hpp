#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/terminal.hpp"

namespace hhgrid::app {

/// A small table for people, or the same rows as JSON for scripts.
class Table {
 public:
  /// A value: text, or a number, which stands to the right and unquoted.
  struct Cell {
    Cell(std::string text) : text(std::move(text)) {}
    Cell(std::string_view text) : text(text) {}
    Cell(const char* text) : text(text) {}
    template <class Number>
    requires std::is_arithmetic_v<Number> Cell(Number number)
        : text(std::to_string(number)), number(true) {}
    /// A number already written.
    static Cell of_number(std::string text) {
      Cell cell(std::move(text));
      cell.number = true;
      return cell;
    }
    std::string text;
    bool number = false;
  };

  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  void row(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  /// Columns as wide as they need, the heading in bold, two spaces in front.
  std::string text(const Terminal& terminal) const;
  /// An array of objects; keys are the column names with `_` for blanks.
  std::string json() const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Writes one JSON object; values are given in the order in which they appear.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& raw(std::string_view key, std::string_view json);
  template <class Number>
  JsonObject& number(std::string_view key, Number value) {
    return raw(key, std::to_string(value));
  }
  std::string str() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

/// Writes one JSON array, on one line.
class JsonArray {
 public:
  JsonArray& text(std::string_view value);
  /// A value that is JSON already.
  JsonArray& raw(std::string_view json);
  std::string str() const { return text_ + "]"; }

 private:
  std::string text_ = "[";
};

}  // namespace hhgrid::app
