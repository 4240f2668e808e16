#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>
#include <tl/expected.hpp>

#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::storage {

/// The newest record format this program writes and reads, and the oldest it reads.
inline constexpr std::uint16_t record_format = schema::RECORD_FORMAT,
                               oldest_record_format = schema::OLDEST_RECORD_FORMAT;

/// The bytes of a Cap'n Proto message (flat, with segment table) as a store value.
template <class Message>
std::string to_bytes(Message& message) {
  std::string bytes(capnp::computeSerializedSizeInWords(message) * sizeof(capnp::word), '\0');
  kj::ArrayOutputStream out(kj::arrayPtr(reinterpret_cast<kj::byte*>(bytes.data()), bytes.size()));
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

/// The place of a record (path and key) for errors: a text, or a function that makes it, called
/// only when there is an error. Refers to what it is made of.
class Where {
 public:
  Where(const std::string& text) : Where(text.c_str()) {}
  Where(const char* text)
      : source_(text),
        text_([](const void* source) -> std::string { return static_cast<const char*>(source); }) {}
  template <class Make>
  requires std::is_invocable_r_v<std::string, const Make&> Where(const Make& make)
      : source_(&make), text_([](const void* source) -> std::string {
          return (*static_cast<const Make*>(source))();
        }) {}
  std::string text() const { return text_(source_); }

 private:
  const void* source_;
  std::string (*text_)(const void*);
};

/// Reads a record of type `T`, checked: `read` is given the root and returns what it makes of it;
/// anything wrong with the bytes (not a message, pointers out of range, unknown format version, or
/// an exception in `read`) is an error that names `where` (path and key) and the cause.
template <class T, class Read>
auto read_record(std::string_view bytes, const Where& where, Read&& read)
    -> tl::expected<decltype(read(std::declval<typename T::Reader>())), Error> {
  const auto refuse = [&](Errc code, const std::string& why) {
    return tl::unexpected(Error{code, where.text() + ": " + why});
  };
  try {
    const AlignedWords words(
        kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
    if (words.words().size() == 0)
      return refuse(Errc::damaged, std::to_string(bytes.size()) + " bytes are no record");
    capnp::FlatArrayMessageReader message(
        words.words(),
        {.traversalLimitInWords = words.words().size() * 8 + 1024, .nestingLimit = 16});
    const auto root = message.getRoot<T>();
    const std::uint16_t version = root.getFormatVersion();
    if (version < oldest_record_format || version > record_format)
      return refuse(wrong_format(version, oldest_record_format),
                    "record format " + std::to_string(version) + ", this program reads " +
                        std::to_string(oldest_record_format) + " to " +
                        std::to_string(record_format));
    return read(root);
  } catch (const kj::Exception& e) {
    return refuse(Errc::damaged, e.getDescription().cStr());
  } catch (const std::bad_alloc&) {
    throw;  // no fault of the record
  } catch (const std::exception& e) {
    return refuse(Errc::damaged, e.what());
  }
}

/// Keys in messages: printable characters as they are, others as \xNN.
std::string printable_key(std::string_view key);

}  // namespace hhgrid::storage
