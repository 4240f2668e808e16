#include "actors/meter/resident_meters.hpp"

#include "actors/host/prefetch.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {

ResidentMeters::Resident* ResidentMeters::find(core::Mpan mpan) const {
  const auto place = places_.find(mpan);
  return place == places_.end() ? nullptr : &at(*place);
}

ResidentMeters::Resident& ResidentMeters::add(core::Mpan mpan, MeterState state) {
  if (free_.empty()) {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * chunk_size);
    chunks_.push_back(std::make_unique<Resident[]>(chunk_size));
    for (std::uint32_t i = chunk_size; i > 0; --i) free_.push_back(Place{first + i - 1});
  }
  const Place place = free_.back();
  free_.pop_back();
  Resident& resident = at(place);
  resident.mpan = mpan;
  resident.is_there = true;
  resident.state = std::move(state);
  const bool added = places_.insert(place).second;
  HHGRID_ASSERT(added, mpan.number());
  return resident;
}

std::size_t ResidentMeters::overhead_bytes() const {
  return places_.capacity() * (sizeof(Place) + 1) + chunks_.size() * chunk_size * sizeof(Resident) -
         size() * sizeof(MeterState) + free_.capacity() * sizeof(Place);
}

bool ResidentMeters::Equal::operator()(Place place, Wanted wanted) const {
  const Resident& resident = meters->at(place);
  prefetch(&resident, sizeof resident);
  *wanted.likely = &resident;
  return false;
}

const ResidentMeters::Resident* ResidentMeters::prefetch_state(core::Mpan mpan) const {
  const Resident* likely = nullptr;
  places_.find(Wanted{mpan, &likely});
  return likely;
}

}  // namespace hhgrid::actors
