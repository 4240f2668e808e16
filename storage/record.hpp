#pragma once

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>
#include <tl/expected.hpp>

#include "storage/error.hpp"

namespace hhgrid::storage {

/// The newest record format this program writes and reads (`recordFormat` in record.capnp).
inline constexpr std::uint16_t record_format = 2;

/// The bytes of a Cap'n Proto message (flat, with segment table) as a store value.
template <class Message>
std::string to_bytes(Message& message) {
  std::string bytes(capnp::computeSerializedSizeInWords(message) * sizeof(capnp::word), '\0');
  kj::ArrayOutputStream out(
      kj::arrayPtr(reinterpret_cast<kj::byte*>(bytes.data()), bytes.size()));
  capnp::writeMessage(out, message);
  return bytes;
}

/// Builds a record of type `T` with its format version set.
template <class T>
class RecordBuilder {
 public:
  RecordBuilder(const RecordBuilder&) = delete;
  RecordBuilder& operator=(const RecordBuilder&) = delete;
  RecordBuilder() : root_(message_.initRoot<T>()) { root_.setFormatVersion(record_format); }
  typename T::Builder* operator->() { return &root_; }
  typename T::Builder& operator*() { return root_; }
  std::string bytes() { return to_bytes(message_); }

 private:
  // Most records are small, and a commit has thousands of them: without a buffer of its own each
  // would have 8 KiB cleared for it.
  std::array<capnp::word, 96> scratch_{};
  capnp::MallocMessageBuilder message_{kj::arrayPtr(scratch_.data(), scratch_.size())};
  typename T::Builder root_;
};

/// Reads a record of type `T`, checked: `read` is given the root and returns what it makes of it;
/// anything wrong with the bytes (not a message, pointers out of range, unknown format version, or
/// an exception in `read`) is an error that names `where` (path and key) and the cause.
template <class T, class Read>
auto read_record(std::string_view bytes, const std::string& where, Read&& read)
    -> tl::expected<decltype(read(std::declval<typename T::Reader>())), Error> {
  auto result = [&]() -> tl::expected<decltype(read(std::declval<typename T::Reader>())), Error> {
    if (bytes.size() % sizeof(capnp::word) != 0)
      return tl::unexpected(Error{
          Errc::damaged, where + ": " + std::to_string(bytes.size()) + " bytes are no record"});
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), bytes.data(), bytes.size());
    capnp::FlatArrayMessageReader message(
        words, {.traversalLimitInWords = words.size() * 8 + 1024, .nestingLimit = 16});
    const auto root = message.getRoot<T>();
    const std::uint16_t version = root.getFormatVersion();
    if (version == 0 || version > record_format)
      return tl::unexpected(Error{version == 0 ? Errc::damaged : Errc::newer_format,
                                  where + ": record format " + std::to_string(version) +
                                      ", this program knows 1 to " +
                                      std::to_string(record_format)});
    return read(root);
  };
  try {
    return result();
  } catch (const kj::Exception& e) {
    return tl::unexpected(Error{Errc::damaged, where + ": " + e.getDescription().cStr()});
  } catch (const std::exception& e) {
    return tl::unexpected(Error{Errc::damaged, where + ": " + e.what()});
  }
}

/// Keys in messages: printable characters as they are, others as \xNN.
std::string printable_key(std::string_view key);

}  // namespace hhgrid::storage
