#pragma once

#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>

namespace hhgrid::app {

/// How text is set off on a terminal.
enum class Style { plain, bold, dim, red, green, yellow, cyan };

/// One of the program's output streams; colours only when a person looks at it.
class Terminal {
 public:
  explicit Terminal(std::FILE* stream);
  bool interactive() const { return interactive_; }
  /// The text, marked to be shown in a style by `write`; as it is where nobody looks.
  std::string styled(std::string_view text, Style style) const;
  /// Writes lines. Whatever came in from outside (names, values of files) does nothing to a
  /// terminal: all but line ends and styles is shown by core::printable. What cannot be written is
  /// lost; `error` says so.
  void write(std::string_view text) const;
  /// Shows a line in place of the one before, on a terminal; an empty one wipes it.
  void replace_line(std::string_view text) const;
  /// Why something could not be written: the `errno` of the first failure, 0 when all was.
  int error() const { return error_.load(); }

 private:
  void put(std::string_view bytes) const;

  std::FILE* stream_;
  mutable std::atomic<int> error_{0};
  bool interactive_;
};

/// `12,345,678`.
std::string grouped(std::uint64_t number);
/// Wh as MWh with so many places (0 to 6), rounded half away from zero, digits grouped.
std::string mwh_text(std::int64_t energy_wh, int places);
/// `1 h 02 min`, `3 min 20 s`, `12 s`.
std::string duration_text(double seconds);
/// `12.3 MB`.
std::string bytes_text(std::uint64_t bytes);

}  // namespace hhgrid::app
