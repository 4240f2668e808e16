#pragma once

#include <cstdint>
#include <string>

#include <capnp/common.h>
#include <kj/array.h>
#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/position.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// Entries whose turn failed, by position, each with the reason.
inline constexpr storage::Table<schema::DeadLetterRecord> dead_letters{
    storage::Family::dead_letter};

std::string dead_letter_key(storage::Position position);
std::string dead_letter_record(kj::ArrayPtr<const capnp::word> entry, const std::string& address,
                               const std::string& reason, core::Instant received_at);
/// The entry that a letter holds.
kj::Array<capnp::word> entry_of(schema::DeadLetterRecord::Reader letter);
/// How many there are, whatever they hold. Errors: io.
tl::expected<std::uint64_t, storage::Error> count_dead_letters(const storage::Store& store);

}  // namespace hhgrid::actors
