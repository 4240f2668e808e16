#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capnp/serialize.h>
#include <tl/expected.hpp>

#include "core/types.hpp"
#include "storage/wire/block.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"

namespace hhgrid::storage {

/// Collects entries into one Block message. Holds one copy of them until `finish`.
class BlockBuilder {
 public:
  /// `source` says where the entries come from (a file name, a gateway, a partition).
  BlockBuilder(core::Instant received_at, std::string source);

  /// Of the block being collected, the entries already added included.
  void set_received_at(core::Instant received_at) { received_at_ = received_at; }
  void set_source(std::string source) { source_ = std::move(source); }
  /// Of the blocks finished from now on: which of its sender's own they are part of; 0: not
  /// counted.
  void set_number(std::uint64_t number) { number_ = number; }
  /// Who has sent it; empty: nobody is named.
  void set_participant(const core::ParticipantId& participant) { participant_ = participant; }

  /// Copies the words of one Entry. There may be `block_entries_max` of them (asserted).
  void add(EntryWords entry);
  std::uint32_t count() const { return static_cast<std::uint32_t>(sizes_.size()); }
  bool empty() const { return sizes_.empty(); }
  /// Of the message that `finish` would make now, segment table included.
  std::size_t size_bytes() const;
  /// Builds the message, with the entries verbatim, and starts over with the same source. Must not
  /// be empty (asserted) but to say with `ends_sender` that the sender sends nothing more.
  Block finish(const BlockId& id, bool ends_sender = false);

 private:
  std::size_t message_words() const;

  core::Instant received_at_;
  std::string source_;
  core::ParticipantId participant_;
  std::uint64_t number_ = 0;
  std::vector<std::uint64_t> words_;  // entries one after the other
  std::vector<std::uint32_t> sizes_;  // in words
};

/// Reads a Block in place. The block's words must outlive the view.
class BlockView {
 public:
  explicit BlockView(const Block& block) : BlockView(block.words->asPtr()) {}
  explicit BlockView(kj::ArrayPtr<const capnp::word> words);
  BlockView(const BlockView&) = delete;
  BlockView& operator=(const BlockView&) = delete;

  /// Why the block cannot be read: damaged, or newer_format (names the version). Then everything
  /// below is empty.
  const std::optional<Error>& error() const { return error_; }
  const BlockId& id() const { return id_; }
  /// Which of the sender's own blocks it is part of; 0: not counted.
  std::uint64_t number() const { return number_; }
  /// The sender sends this partition no other block.
  bool ends_sender() const { return ends_sender_; }
  core::Instant received_at() const { return received_at_; }
  std::string_view source() const { return source_; }
  /// Empty: nobody is named.
  const core::ParticipantId& participant() const { return participant_; }
  /// The Entry messages in order; their inside is not checked here.
  const std::vector<EntryWords>& entries() const { return entries_; }

 private:
  void read();

  std::optional<capnp::FlatArrayMessageReader> message_;
  std::optional<Error> error_;
  BlockId id_;
  std::uint64_t number_ = 0;
  bool ends_sender_ = false;
  core::Instant received_at_;
  std::string_view source_;
  core::ParticipantId participant_;
  std::vector<EntryWords> entries_;
};

/// A Block from bytes that came over a wire or from disk; the words are copied once. Errors as
/// BlockView's.
tl::expected<Block, Error> read_block(std::string_view bytes);

}  // namespace hhgrid::storage
