#include "actors/meter/limits_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "storage/store/table.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {
namespace {

constexpr storage::Table<schema::ConsumptionLimitsRecord> limits_records(storage::Family::actor,
                                                                         limits_tag);

}  // namespace

core::MaximumEnergy read_maximum(capnp::List<std::int64_t>::Reader maximum_wh) {
  core::MaximumEnergy maximum;
  if (maximum_wh.size() != maximum.by_connection.size())
    throw TurnFailure(
        fmt::format("there are {} limits of consumption, expected one for each of {} "
                    "connection types",
                    maximum_wh.size(), maximum.by_connection.size()));
  for (unsigned i = 0; i < maximum_wh.size(); ++i) {
    if (maximum_wh[i] < 0 || maximum_wh[i] > storage::reading_energy_max)
      throw TurnFailure(
          fmt::format("a limit of consumption is {} Wh, which is out of range", maximum_wh[i]));
    maximum.by_connection[i] = maximum_wh[i];
  }
  return maximum;
}

const core::MaximumEnergy* LimitsTable::at(storage::Position position) const {
  // Nearly always the last.
  for (auto version = versions_.rbegin(); version != versions_.rend(); ++version)
    if (version->first <= position) return &version->second;
  return nullptr;
}

bool LimitsTable::take(const core::MaximumEnergy& maximum, storage::Position position) {
  if (!versions_.empty() && versions_.back().second == maximum) return false;
  versions_.emplace_back(position, maximum);
  return true;
}

template <class Source>
tl::expected<void, storage::Error> LimitsTable::load(const Source& source) {
  auto loaded = limits_records.each(source, [&](storage::KeyReader& key, auto record) {
    const storage::Position position = key.position();
    versions_.emplace_back(position, read_maximum(record.getMaximumWh()));
  });
  written_ = versions_.size();
  return loaded;
}
template tl::expected<void, storage::Error> LimitsTable::load(const storage::Store&);
template tl::expected<void, storage::Error> LimitsTable::load(const storage::Store::View&);

void LimitsTable::write(storage::Commit& commit) {
  for (; written_ < versions_.size(); ++written_) {
    storage::RecordBuilder<schema::ConsumptionLimitsRecord> record;
    const auto& maximum = versions_[written_].second.by_connection;
    auto list = record->initMaximumWh(static_cast<unsigned>(maximum.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.set(i, maximum[i]);
    commit.put(storage::Family::actor, limits_records.key().position(versions_[written_].first),
               record.bytes());
  }
}

}  // namespace hhgrid::actors
