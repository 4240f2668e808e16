#include "actors/verify/audit_meters.hpp"

#include <algorithm>
#include <optional>

#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

template <class Versions>
void keep_those_that_hold(Versions& versions, const AsOf& as_of) {
  versions.erase(
      std::remove_if(versions.begin(), versions.end(),
                     [&](const auto& version) { return !as_of.holds(version.position); }),
      versions.end());
  versions.shrink_to_fit();
}

}  // namespace

tl::expected<ReceivedTimes, Error> read_received_times(const storage::Store::View& view,
                                                       const std::string& where) {
  ReceivedTimes times;
  std::optional<Error> failure;
  const auto scanned =
      view.scan(Family::batch, {}, {}, [&](std::string_view key, std::string_view value) {
        storage::KeyReader reader(key);
        const storage::Position first = reader.u64();
        const auto place = [&] { return where + " batch " + std::to_string(first); };
        const auto at = storage::read_record<schema::BatchRecord>(
            value, place, [](auto batch) { return core::Instant{batch.getReceivedAt()}; });
        if (!at)
          failure = at.error();
        else if (!reader.complete())
          failure = Error{Errc::damaged, place() + ": bad key " + storage::printable_key(key)};
        else if (times.empty() || times.back().second != *at)
          times.emplace_back(first, *at);
        return !failure;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  if (failure) return tl::unexpected(*failure);
  return times;
}

tl::expected<AuditMeters, Error> AuditMeters::read(const storage::Store::View& view,
                                                   const std::string& where, const AsOf& as_of) {
  AuditMeters meters;
  std::optional<Error> failure;
  const auto scanned = view.scan_prefix(
      Family::actor, meter_key_prefix,
      [&](std::string_view key, std::string_view value) {
        storage::KeyReader reader(key.substr(1));
        const std::uint64_t mpan = reader.u64();
        const auto place = [&] { return where + " actor " + storage::printable_key(key); };
        auto meter = read_meter_record(value, place);
        if (!meter) return failure = meter.error(), false;
        if (!reader.complete()) return failure = Error{Errc::damaged, place() + ": bad key"}, false;
        keep_those_that_hold(meter->registrations, as_of);
        keep_those_that_hold(meter->annual_consumption, as_of);
        meters.meters_.push_back({mpan, std::move(*meter)});
        return true;
      },
      storage::Store::Caching::pass);
  if (!scanned) return tl::unexpected(scanned.error());
  if (failure) return tl::unexpected(*failure);
  return meters;
}

const MeterState* AuditMeters::find(std::uint64_t mpan) {
  const auto is_at = [&](std::size_t i) { return i < meters_.size() && meters_[i].mpan == mpan; };
  if (is_at(last_)) return &meters_[last_].state;
  if (is_at(last_ + 1)) return &meters_[++last_].state;
  const auto found =
      std::lower_bound(meters_.begin(), meters_.end(), mpan,
                       [](const Meter& meter, std::uint64_t m) { return meter.mpan < m; });
  if (found == meters_.end() || found->mpan != mpan) return nullptr;
  last_ = static_cast<std::size_t>(found - meters_.begin());
  return &found->state;
}

}  // namespace hhgrid::actors
