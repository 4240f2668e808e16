#include "actors/host/address.hpp"

#include <fmt/format.h>

namespace hhgrid::actors {

core::Parsed<Address> parse_address(const std::string& text) {
  const auto slash = text.find('/');
  const std::string kind = text.substr(0, slash);
  const std::string id = slash == std::string::npos ? "" : text.substr(slash + 1);
  const auto as_address = [](auto value) { return Address(value); };
  const auto in_context = [&](core::ParseError error) {
    return core::ParseError{fmt::format("address `{}`: {}", text, error.text)};
  };
  if (kind == "meter") return core::Mpan::parse(id).map(as_address).map_error(in_context);
  if (kind == "bmu") return core::BmuId::parse(id).map(as_address).map_error(in_context);
  if (kind == "gsp") return core::GspGroup::parse(id).map(as_address).map_error(in_context);
  if (kind == "shape") return core::ShapeGroup::parse(id).map(as_address).map_error(in_context);
  return tl::unexpected(
      core::ParseError{fmt::format("address `{}`: expected meter/<MPAN>, bmu/<BMU id>, gsp/<GSP "
                                   "Group> or shape/<load-shape group>",
                                   text)});
}

}  // namespace hhgrid::actors
