#pragma once

#include <string>

#include "storage/wire/block.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::actors {

/// A partition that cannot take part in a run, or in the closing of a day, says so in place of its
/// answer: the run is refused, the day not closed, and later ones go on. False when the entry asks
/// for neither.
bool answer_that_it_cannot(const schema::Entry::Reader& entry, storage::PartitionId partition,
                           const std::string& reason, schema::Entry::Builder answer);

}  // namespace hhgrid::actors
