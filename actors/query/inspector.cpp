#include "actors/query/inspector.hpp"

#include <caf/message_handler.hpp>
#include <caf/sec.hpp>

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;

caf::error to_caf(const Error& error) {
  return caf::make_error(caf::sec::invalid_argument, error.text, static_cast<int>(error.code));
}

caf::result<caf::message> answer(const Inspect& inspect, const Envelope& envelope) {
  std::optional<std::int32_t> day;
  if (envelope.content.match_elements<inspect_atom, std::int32_t>())
    day = envelope.content.get_as<std::int32_t>(1);
  else if (!envelope.content.match_elements<inspect_atom>())
    return caf::sec::unexpected_message;
  const auto address = parse_address(envelope.address);
  if (!address) return to_caf({Errc::unknown, address.error().text});
  const auto description = inspect(*address, day);
  if (!description) return to_caf(description.error());
  return caf::make_message(*description);
}

}  // namespace

std::optional<Error> error_of(const caf::error& answer) {
  const caf::message& context = answer.context();
  if (!context.match_elements<std::string, int>()) return std::nullopt;
  return Error{static_cast<Errc>(context.get_as<int>(1)), context.get_as<std::string>(0)};
}

caf::behavior inspector_actor(caf::event_based_actor* self, Inspect inspect) {
  log_exceptions(self, "inspector");
  return {
      [inspect = std::move(inspect)](const Envelope& envelope) {
        return answer(inspect, envelope);
      },
  };
}

}  // namespace hhgrid::actors
