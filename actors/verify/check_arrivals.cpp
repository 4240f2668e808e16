#include "actors/verify/check_arrivals.hpp"

#include <map>

#include <fmt/format.h>
#include <xxhash.h>

#include "actors/meter/arrivals.hpp"
#include "actors/verify/check_meters.hpp"
#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {

using storage::Family;

void ArrivedMeters::Digest::add(std::uint32_t meter) {
  ++count;
  sum += XXH3_64bits(&meter, sizeof meter);
}

void ArrivedMeters::version(const VersionKey& key, std::uint32_t meter) {
  const bool again =
      last_version_.same_meter_day(key) && last_version_.position.block() == key.position.block();
  last_version_ = key;
  if (!again) days_[{key.position.block(), key.day.value, key.quantity}].add(meter);
}

void ArrivedMeters::registered(storage::Position position, std::uint32_t meter) {
  if (last_registered_.first != meter) last_registered_ = {meter, {}};
  if (last_registered_.second.insert(position.block()).second)
    registered_[position.block()].add(meter);
}

void ArrivedMeters::check(Check& check, const MetaFacts& meta,
                          const ReceivedTimes& received) const {
  ArrivalOrder order;
  std::map<storage::BlockNumber, core::Instant> noted_blocks;
  auto days = days_;
  auto blocks = registered_;
  const auto same = [](const ArrivalNote::Meters& noted, const Digest& found) {
    Digest digest{noted.count, found.sum};
    if (!noted.many()) {
      digest = {};
      for (const auto number : noted.numbers) digest.add(number);
    }
    if (!(digest == found))
      refuse_record(
          fmt::format("it notes {} meters, {} or others are stored", noted.count, found.count));
  };
  const auto take = [](auto& map, const auto& key) {
    const auto node = map.extract(key);
    return node.empty() ? Digest() : node.mapped();
  };
  const bool read =
      check.scan(Family::arrival, {}, [&](std::string_view key, std::string_view value) {
        if (key.starts_with('s')) return;  // check_days' own
        if (!key.starts_with('a')) refuse_record("is no key of this family");
        storage::KeyReader reader(key.substr(1));
        reader.u64();
        const storage::BlockNumber block = reader.u64();
        if (!reader.complete()) refuse_record("is no key of this family");
        const auto at = received_at(received, {block, 0});
        if (!at || arrivals_key(*at, block) != key)
          refuse_record(fmt::format("block {} was not received then", block));
        noted_blocks.emplace(block, *at);
        const auto note = checked_record<schema::ArrivalsRecord>(value, read_note);
        for (const auto& [on, meters] : note.days)
          same(meters, take(days, std::tuple(block, on.day.value, on.quantity)));
        same(note.registered, take(blocks, block));
      });
  if (!read) return;
  for (const auto& [block, at] : noted_blocks) order.add(at);
  if (!(order == meta.arrival_order))
    check.damaged(Family::meta, meta_key,
                  fmt::format("blocks were received up to {} and {} ms behind others, it says {} "
                              "and {}",
                              order.newest.milliseconds, order.lag_max,
                              meta.arrival_order.newest.milliseconds, meta.arrival_order.lag_max));
  for (const auto& [key, digest] : days)
    check.damaged(Family::arrival, {},
                  fmt::format("block {} has brought {} meters' versions of a UTC day that are not "
                              "noted",
                              std::get<0>(key), digest.count));
  for (const auto& [block, digest] : blocks)
    check.damaged(Family::arrival, {},
                  fmt::format("block {} has brought {} meters' registrations that are not noted",
                              block, digest.count));
}

}  // namespace hhgrid::actors
