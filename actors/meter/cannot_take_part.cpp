#include "actors/meter/cannot_take_part.hpp"

#include <fmt/format.h>

namespace hhgrid::actors {

bool answer_that_it_cannot(const schema::Entry::Reader& entry, storage::PartitionId partition,
                           const std::string& reason, schema::Entry::Builder answer) {
  const auto fill = [&](auto out) {
    out.setPartition(partition);
    out.setFailure(fmt::format("Partition {} cannot take part: {}", partition, reason));
    return out;
  };
  answer.setFormatVersion(schema::ENTRY_FORMAT);
  switch (entry.which()) {
    case schema::Entry::RUN_MARKER:
      fill(answer.initRunSums()).setRunNumber(entry.getRunMarker().getRunNumber());
      return true;
    case schema::Entry::RUN_SHAPES:
      fill(answer.initRunDefaults()).setRunNumber(entry.getRunShapes().getRunNumber());
      return true;
    case schema::Entry::DAY_MARKER:
      fill(answer.initDaySums()).setClosing(entry.getDayMarker().getClosing());
      return true;
    default:
      return false;
  }
}

}  // namespace hhgrid::actors
