#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace hhgrid::app {

/// A JSON text taken apart, to be shown to people; numbers stay as they were written.
struct JsonValue {
  enum class Kind { null, boolean, number, text, list, object };
  Kind kind = Kind::null;
  std::string text;  ///< Of scalars.
  std::vector<std::pair<std::string, JsonValue>>
      members;  ///< Of objects, in order; of lists without names.

  bool scalar() const { return kind != Kind::list && kind != Kind::object; }
};

/// The error says where the text is no JSON.
tl::expected<JsonValue, std::string> parse_json(std::string_view text);

}  // namespace hhgrid::app
