#include "actors/query/inspection.hpp"

#include <kj/exception.h>

#include "actors/query/inspection_bmu.hpp"
#include "actors/query/inspection_gsp_group.hpp"
#include "actors/query/inspection_load_shape.hpp"
#include "actors/query/inspection_meter.hpp"
#include "core/decimal.hpp"

namespace hhgrid::actors {
namespace {

using inspection::Json;
using storage::Errc;
using storage::Error;

/// Sends each kind of address to who can describe it.
struct Describe {
  const InspectionSource& source;
  std::optional<std::int32_t> day;

  Json operator()(const core::Mpan& mpan) const {
    return inspection::describe_meter(source, mpan, day);
  }
  Json operator()(const core::BmuId& bmu) const {
    return inspection::describe_bmu(source, bmu, day);
  }
  Json operator()(const core::GspGroup& group) const {
    return inspection::describe_gsp_group(source, group, day);
  }
  Json operator()(const core::ShapeGroup& group) const {
    return inspection::describe_load_shape(source, group, day);
  }
};

}  // namespace

tl::expected<std::string, Error> inspect_json(const InspectionSource& source,
                                              const Address& address,
                                              std::optional<std::int32_t> day) {
  if (day && !core::SettlementCalendar::covers(*day))
    return tl::unexpected(Error{Errc::unknown, "day number " + std::to_string(*day) +
                                                   " is outside the settlement calendar"});
  try {
    // A source may be called anything: what is no UTF-8 is replaced, what acts on a terminal
    // escaped.
    return std::visit(Describe{source, day}, address)
        .dump(-1, ' ', true, inspection::Json::error_handler_t::replace);
  } catch (const inspection::ReadFailure& failure) {
    return tl::unexpected(failure.error);
  } catch (const kj::Exception& e) {
    return tl::unexpected(Error{Errc::damaged, e.getDescription().cStr()});
  } catch (const std::bad_alloc&) {
    return tl::unexpected(Error{Errc::io, "there is no memory left for the answer"});
  } catch (const std::exception& e) {
    return tl::unexpected(Error{Errc::damaged, e.what()});
  }
}

}  // namespace hhgrid::actors
