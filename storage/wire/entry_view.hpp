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

#include "core/types.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/schema/entry.capnp.h"

namespace hhgrid::storage {

/// One Entry message: its only segment, without a segment table. What a block carries and a
/// partition stores.
using EntryWords = kj::ArrayPtr<const capnp::word>;

/// Entries up to this size are built and copied without allocating: 50 slots of 8 bytes and the
/// texts fit with room to spare.
inline constexpr std::size_t small_entry_words = 256;

/// A copy that owns its words. (`capnp::word` itself cannot be copied with every compiler.)
kj::Array<capnp::word> copy_words(EntryWords words);

/// Where one entry is built, a small one without allocating; give it to encode_*, and use the words
/// until the next call.
class EntryScratch {
 public:
  EntryScratch() = default;
  /// Whoever holds one must not throw when it goes; a message builder is only declared as if it
  /// did.
  ~EntryScratch() noexcept = default;
  EntryScratch(const EntryScratch&) = delete;
  EntryScratch& operator=(const EntryScratch&) = delete;

  /// Fills an Entry with its format version set and `build(schema::Entry::Builder)`. The result is
  /// valid until the next call.
  template <class Build>
  EntryWords build(Build&& build);

 private:
  EntryWords in_one_segment();

  std::array<capnp::word, small_entry_words> words_{};
  std::optional<capnp::MallocMessageBuilder> message_;  // clears what it has used of words_
  kj::Array<capnp::word> large_;
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
std::optional<core::Mpan> consumption_mpan(EntryWords words);

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
  std::array<capnp::word, small_entry_words> small_;
  kj::Array<capnp::word> large_;
  EntryWords words_;
};

// -- implementation -----------------------------------------------------------------------------

template <class Build>
EntryWords EntryScratch::build(Build&& build) {
  message_.reset();
  message_.emplace(kj::arrayPtr(words_.data(), words_.size()));
  auto root = message_->template initRoot<schema::Entry>();
  root.setFormatVersion(schema::ENTRY_FORMAT);
  build(root);
  const auto segments = message_->getSegmentsForOutput();
  return segments.size() == 1 ? EntryWords(segments[0]) : in_one_segment();
}

}  // namespace hhgrid::storage
