#include "actors/verify/check_meter_runs.hpp"

#include <bit>

#include <fmt/format.h>

#include "actors/meter/missing_meters.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/run_shapes.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::Family;
using storage::KeyReader;

void require_periods(std::uint64_t periods) {
  if (periods == 0 || (periods & ~all_periods_mask) != 0)
    refuse_record("its mask is not of UTC periods");
}

void check_defaults(std::string_view value) {
  checked_record<schema::MeterDefaults>(value, [](auto record) {
    for (const auto day : record.getDays()) {
      require_periods(day.getPresent());
      const auto count = static_cast<unsigned>(std::popcount(day.getPresent()));
      if (day.getEnergyWh().size() != count || day.getFlags().size() != count)
        refuse_record("its values and flags are not as many as its periods");
      for (const auto flag : day.getFlags())
        if (std::string_view("ADEB").find(static_cast<char>(flag)) == std::string_view::npos)
          refuse_record("has the letter of no load-shape flag");
    }
    return true;
  });
}

void check_missing(std::string_view value, const CheckedMeters& meters) {
  checked_record<schema::MissingRecord>(value, [&](auto record) {
    for (const auto meter : record.getMeters()) {
      if (!meters.by_mpan.contains(core::Mpan::unchecked(meter.getMpan())))
        refuse_record(fmt::format("there is no meter {}", meter.getMpan()));
      if (meters.terms_known && meter.getTermsId() >= meters.terms.size())
        refuse_record(fmt::format("there are no terms {}", meter.getTermsId()));
      for (const auto day : meter.getDays()) require_periods(day.getMissing());
    }
    return true;
  });
}

}  // namespace

void check_meter_runs(Check& check, const CheckedMeters& meters) {
  check.scan(Family::run, {}, [&](std::string_view key, std::string_view value) {
    if (key.front() == missing_tag) {
      KeyReader reader(key.substr(1));
      reader.u32();  // the run's number
      reader.u32();  // the record's
      if (!reader.complete()) refuse_record("is no key of this family");
      return check_missing(value, meters);
    }
    const auto of = read_defaults_key(key);
    if (!of) refuse_record("is no key of this family");
    if (!meters.by_mpan.contains(of->mpan))
      refuse_record(fmt::format("there is no meter {}", of->mpan.to_string()));
    check_defaults(value);
  });
}

}  // namespace hhgrid::actors
