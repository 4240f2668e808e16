#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "actors/host/address.hpp"
#include "core/calendar.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// What inspection reads: the committed state of every partition. All of it outlives its use.
struct InspectionSource {
  storage::StoreSet stores;
  const core::SettlementCalendar* calendar = nullptr;
};

/// What an actor says of itself, and how each of its values came about, as one JSON object. Takes
/// one view of each store it reads, so it may run on any thread while the partitions write, and
/// waits for nobody. `day` is a UTC day for meters and load shapes, a settlement day for BM units
/// and GSP Groups; without one it is the latest with something to tell, and a meter also counts its
/// days with data. A meter with a day is a matter of point reads and short scans.
///
/// Energy is decimal text in kWh with 3 places, factors are decimal text, days and instants are as
/// in the CSV contract. A list that could grow for ever is `{"items": [...], "more": n}`, the
/// newest 50 first, of which `n` more are left out. Errors: foreign (the actor has no state in this
/// grid), damaged, newer_format, io.
tl::expected<std::string, storage::Error> inspect_json(const InspectionSource& source,
                                                       const Address& address,
                                                       std::optional<std::int32_t> day);

}  // namespace hhgrid::actors
