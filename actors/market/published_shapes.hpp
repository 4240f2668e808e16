#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "actors/host/market_effects.hpp"
#include "actors/host/message_codec.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"

namespace hhgrid::actors {

/// A load shape as the load-shape service has published it.
struct PublishedShape {
  GroupDayShape shape;
  std::uint32_t issue = 0;  ///< 1, 2, ... of the group and day.
  core::UtcDay closed;      ///< With whose closing it came.
};

/// Whether what is published says the same: the 48 values and their flags. Other totals alone are
/// no reason to publish again.
bool same_values(const core::Shape& a, const core::Shape& b);

/// The published shapes of the market partition; every issue is kept.
inline constexpr storage::Table<schema::PublishedShapeRecord> published_table{
    storage::Family::ledger, "p"};
std::string published_key(core::UtcDay day, const core::ShapeGroup& group, std::uint32_t issue);
/// Throws when the record does not hold.
PublishedShape read_published(schema::PublishedShapeRecord::Reader record);
void put_published(const PublishedShape& shape, MarketEffects& effects);

/// The latest issue of every group of a UTC day. Source: Store or Store::View. Errors: damaged, io.
using PublishedDay = std::map<core::ShapeGroup, PublishedShape>;
template <class Source>
tl::expected<PublishedDay, storage::Error> published_of(const Source& source, core::UtcDay day) {
  PublishedDay latest;
  auto read = published_table.each(source, published_table.key().day(day.value),
                                   [&](storage::KeyReader& key, auto record) {
                                     key.rest();
                                     auto shape = read_published(record);
                                     // Issues stand in their order.
                                     latest.insert_or_assign(shape.shape.group, std::move(shape));
                                   });
  if (!read) return tl::unexpected(read.error());
  return latest;
}

/// The closing of a UTC day, in the market partition.
struct DayClosing {
  core::UtcDay day;
  storage::Position closing;  ///< Of the entry that closed it.
  core::Instant closed_at;
  bool complete = false;  ///< The shapes are published.
  std::uint32_t published = 0, reissued = 0;
  std::string failure;  ///< Why it has to be closed again.
  core::ShapePolicy policy;
};
inline constexpr storage::Table<schema::DayClosedRecord> closed_table{storage::Family::run, "d"};
std::string closed_key(core::UtcDay day);
DayClosing read_closing(schema::DayClosedRecord::Reader record);
void put_closing(const DayClosing& closing, MarketEffects& effects);
/// Nothing: nobody has closed the day.
template <class Source>
tl::expected<std::optional<DayClosing>, storage::Error> closing_of(const Source& source,
                                                                   core::UtcDay day) {
  return closed_table.get(source, closed_key(day), read_closing);
}

}  // namespace hhgrid::actors
