#include "actors/meter/resident_meters.hpp"

#include "actors/host/prefetch.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {

ResidentMeters::Resident* ResidentMeters::find(std::uint64_t mpan) const {
  const auto place = places_.find(mpan);
  return place == places_.end() ? nullptr : &at(place->second);
}

ResidentMeters::Resident& ResidentMeters::add(std::uint64_t mpan, MeterState state) {
  if (free_.empty()) {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * chunk_size);
    chunks_.push_back(std::make_unique<Resident[]>(chunk_size));
    for (std::uint32_t i = chunk_size; i > 0; --i) free_.push_back(first + i - 1);
  }
  const bool added = places_.try_emplace(mpan, free_.back()).second;
  HHGRID_ASSERT(added && mpan != nobody, mpan);
  Resident& resident = at(free_.back());
  free_.pop_back();
  resident.mpan = mpan;
  resident.state = std::move(state);
  return resident;
}

std::size_t ResidentMeters::overhead_bytes() const {
  return places_.capacity() * (sizeof(std::pair<std::uint64_t, std::uint32_t>) + 1) +
         chunks_.size() * chunk_size * sizeof(Resident) - size() * sizeof(MeterState) +
         free_.capacity() * sizeof(std::uint32_t);
}

const ResidentMeters::Resident* ResidentMeters::prefetch_state(std::uint64_t mpan) const {
  const Resident* const resident = find(mpan);
  if (resident != nullptr) prefetch(resident, sizeof(Resident));
  return resident;
}

}  // namespace hhgrid::actors
