#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>
#include <tl/expected.hpp>

#include "storage/wire/error.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::storage {

/// One Entry message: its only segment, without a segment table. What a block carries and a
/// partition stores.
using EntryWords = kj::ArrayPtr<const capnp::word>;

/// The largest Entry that comes from outside: 50 slots of 8 bytes and the texts fit with room to
/// spare.
inline constexpr std::size_t input_entry_words_max = 256;

/// A copy that owns its words. (`capnp::word` itself cannot be copied with every compiler.)
kj::Array<capnp::word> copy_words(EntryWords words);

/// Where one entry is built without allocating; give it to encode_*, and use the words until the
/// next call.
class EntryScratch {
 public:
  EntryScratch() = default;
  EntryScratch(const EntryScratch&) = delete;
  EntryScratch& operator=(const EntryScratch&) = delete;

  /// Fills an Entry with its format version set and `build(schema::Entry::Builder)`. The result is
  /// valid until the next call.
  template <class Build>
  EntryWords build(Build&& build);

 private:
  std::array<capnp::word, input_entry_words_max> words_{};
  std::size_t used_ = 0;
};

/// Reads an Entry in place. The words must outlive the view.
class EntryView {
 public:
  /// What partitions send each other may be large; the limit on what reading may touch follows the
  /// message's own size.
  explicit EntryView(EntryWords words)
      : segment_{words},
        message_(segment_, {.traversalLimitInWords = words.size() * 8 + 1024, .nestingLimit = 16}) {
  }
  EntryView(const EntryView&) = delete;
  EntryView& operator=(const EntryView&) = delete;

  /// The root. Errors: damaged (no Entry message), newer_format (names the version found).
  /// Reading fields of a damaged message may throw kj::Exception; the decode_* functions make an
  /// error of that.
  tl::expected<schema::Entry::Reader, Error> entry();

 private:
  kj::ArrayPtr<const capnp::word> segment_[1];
  capnp::SegmentArrayMessageReader message_;
};

/// The MPAN of a consumption entry that stands as encode_consumption lays it out, read without
/// checking anything else of it: a hint, cheap enough for every entry of a block.
std::optional<std::uint64_t> consumption_mpan(EntryWords words);

/// The words of an entry whose bytes come from a store: in place when they are aligned, a copy
/// otherwise.
class AlignedWords {
 public:
  explicit AlignedWords(kj::ArrayPtr<const kj::byte> bytes);
  AlignedWords(const AlignedWords&) = delete;
  AlignedWords& operator=(const AlignedWords&) = delete;
  /// Whole words only: bytes past the last whole word make the entry unreadable, so the result is
  /// then empty.
  EntryWords words() const { return words_; }

 private:
  std::array<capnp::word, input_entry_words_max> small_;
  kj::Array<capnp::word> large_;
  EntryWords words_;
};

// -- implementation -----------------------------------------------------------------------------

template <class Build>
EntryWords EntryScratch::build(Build&& build) {
  std::memset(static_cast<void*>(words_.data()), 0, used_ * sizeof(capnp::word));
  used_ = words_.size();  // all of it, should `build` throw
  capnp::FlatMessageBuilder message(kj::arrayPtr(words_.data(), words_.size()));
  auto root = message.initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  build(root);
  const auto segments = message.getSegmentsForOutput();
  used_ = segments[0].size();
  return segments[0];
}

}  // namespace hhgrid::storage
