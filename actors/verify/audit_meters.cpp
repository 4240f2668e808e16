#include "actors/verify/audit_meters.hpp"

#include <algorithm>
#include <functional>

#include "storage/store/key.hpp"
#include "storage/store/provenance.hpp"

namespace hhgrid::actors {
namespace {

using storage::Error;

template <class Versions>
void keep_those_that_hold(Versions& versions, const AsOf& as_of) {
  const auto holds = [&](const auto& version) { return as_of.holds(version.position); };
  if (std::all_of(versions.begin(), versions.end(), holds)) return;  // nearly always
  // Of those that hold: which it is then, from 1 on.
  std::vector<std::uint32_t> places(versions.size() + 1);
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < versions.size(); ++i)
    if (as_of.holds(versions[i].position)) places[i + 1] = ++count;
  for (auto& version : versions)
    version.contradicted_by =
        static_cast<decltype(version.contradicted_by)>(places.at(version.contradicted_by));
  versions.erase(std::remove_if(versions.begin(), versions.end(), std::not_fn(holds)),
                 versions.end());
  versions.shrink_to_fit();
}

}  // namespace

tl::expected<ReceivedTimes, Error> read_received_times(const storage::Store::View& view) {
  ReceivedTimes times;
  auto read = storage::block_table.each(
      view, [&](storage::KeyReader& key, schema::BlockRecord::Reader record) {
        times.emplace_back(storage::Position(key.u64(), 0), core::Instant{record.getReceivedAt()});
      });
  if (!read) return tl::unexpected(std::move(read.error()));
  return times;
}

tl::expected<AuditMeters, Error> AuditMeters::read(const storage::Store::View& view,
                                                   JudgementAsOf& judgement) {
  AuditMeters meters;
  const auto read = meter_records.each(
      view,
      [&](storage::KeyReader& key, schema::MeterRecord::Reader record) {
        const auto mpan = core::Mpan::from_number(key.u64());
        MeterState meter = read_meter(record);
        judgement.add(mpan, meter);
        keep_those_that_hold(meter.registrations, judgement.as_of());
        keep_those_that_hold(meter.annual_consumption, judgement.as_of());
        meters.meters_.push_back({mpan, std::move(meter)});
      },
      storage::Store::Caching::pass);
  if (!read) return tl::unexpected(read.error());
  return meters;
}

const MeterState* AuditMeters::find(core::Mpan mpan) {
  const auto is_at = [&](std::size_t i) { return i < meters_.size() && meters_[i].mpan == mpan; };
  if (is_at(last_)) return &meters_[last_].state;
  if (is_at(last_ + 1)) return &meters_[++last_].state;
  const auto found =
      std::lower_bound(meters_.begin(), meters_.end(), mpan,
                       [](const Meter& meter, core::Mpan m) { return meter.mpan < m; });
  if (found == meters_.end() || found->mpan != mpan) return nullptr;
  last_ = static_cast<std::size_t>(found - meters_.begin());
  return &found->state;
}

}  // namespace hhgrid::actors
