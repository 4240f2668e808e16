#include "actors/market/published_shapes.hpp"

#include "storage/wire/record.hpp"

namespace hhgrid::actors {

bool same_values(const core::Shape& a, const core::Shape& b) {
  return a.energy_wh == b.energy_wh && a.flag == b.flag;
}

std::string published_key(core::UtcDay day, const core::ShapeGroup& group, std::uint32_t issue) {
  return published_table.key().day(day.value).text(group.to_string()).u32(issue).str();
}

PublishedShape read_published(schema::PublishedShapeRecord::Reader record) {
  return {read_shape_values(record.getShape()),
          record.getIssue(),
          {read_day("closedDay", record.getClosedDay())}};
}

void put_published(const PublishedShape& shape, MarketEffects& effects) {
  storage::RecordBuilder<schema::PublishedShapeRecord> record;
  write_shape_values(shape.shape, record->initShape());
  record->setIssue(shape.issue);
  record->setClosedDay(shape.closed.value);
  effects.put(published_table.family(),
              published_key(shape.shape.day, shape.shape.group, shape.issue), record.bytes());
}

std::string closed_key(core::UtcDay day) { return closed_table.key().day(day.value).str(); }

DayClosing read_closing(schema::DayClosedRecord::Reader record) {
  return {{read_day("utcDay", record.getUtcDay())},
          storage::Position::from_number(record.getClosing()),
          {record.getClosedAt()},
          record.getComplete(),
          record.getPublished(),
          record.getReissued(),
          record.getFailure().cStr(),
          read_shape_policy(record)};
}

void put_closing(const DayClosing& closing, MarketEffects& effects) {
  storage::RecordBuilder<schema::DayClosedRecord> record;
  record->setUtcDay(closing.day.value);
  record->setClosing(closing.closing.number());
  record->setClosedAt(closing.closed_at.milliseconds);
  record->setComplete(closing.complete);
  record->setPublished(closing.published);
  record->setReissued(closing.reissued);
  record->setFailure(closing.failure);
  write_shape_policy(closing.policy, *record);
  effects.put(closed_table.family(), closed_key(closing.day), record.bytes());
}

}  // namespace hhgrid::actors
