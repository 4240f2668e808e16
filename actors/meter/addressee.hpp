#pragma once

#include <cstdint>
#include <optional>

#include "core/types.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::actors {

/// The digits of the meter that an entry is addressed to, when it is addressed to one.
std::optional<std::uint64_t> meter_digits(const schema::Entry::Reader& entry);
/// The meter that an entry is addressed to, when it is addressed to one and its MPAN holds.
std::optional<core::Mpan> meter_of(const schema::Entry::Reader& entry);

}  // namespace hhgrid::actors
