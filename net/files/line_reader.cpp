#include "net/files/line_reader.hpp"

#include <cstring>

namespace hhgrid::net {
namespace {

constexpr std::size_t buffer_bytes = 512 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// By its byte order mark, or because of its first letter one byte is zero.
bool is_utf16(std::string_view begin) {
  if (begin.size() < 2) return false;
  return begin.starts_with("\xFF\xFE") || begin.starts_with("\xFE\xFF") ||
         (begin[0] == '\0') != (begin[1] == '\0');
}

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(buffer_bytes) {
  while (end_ < byte_order_mark.size() && refill()) {
  }
  const std::string_view begin(buffer_.data(), end_);
  if (begin.starts_with(byte_order_mark)) next_ = record_ = byte_order_mark.size();
  if (is_utf16(begin) && !error_)
    error_ = IngestError{IngestErrc::bad_header,
                         "this is UTF-16, not UTF-8: save it as UTF-8 (CSV UTF-8) and load that"};
}

std::optional<std::string_view> LineReader::next() {
  if (error_) return std::nullopt;
  record_ = next_;
  record_line_ = next_line_;
  if (!take_line()) return std::nullopt;
  first_end_ = line_end_;
  first_next_ = next_;
  return record();
}

std::optional<std::string_view> LineReader::extend() {
  if (!take_line()) return std::nullopt;
  return record();
}

std::string_view LineReader::shrink() {
  line_end_ = first_end_;
  next_ = first_next_;
  next_line_ = record_line_ + 1;
  return record();
}

std::string_view LineReader::record() const {
  std::string_view text(buffer_.data() + record_, line_end_ - record_);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool LineReader::take_line() {
  std::size_t searched = next_;
  while (true) {
    if (const void* found = std::memchr(buffer_.data() + searched, '\n', end_ - searched)) {
      line_end_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      next_ = line_end_ + 1;
      break;
    }
    const std::size_t unsearched = end_ - record_;  // refill moves the record to the front
    if (end_ - next_ > line_bytes_max) {
      error_ = IngestError{IngestErrc::unreadable, "line " + std::to_string(next_line_) +
                                                       " is longer than " +
                                                       std::to_string(line_bytes_max) + " bytes"};
      return false;
    }
    if (!refill()) {
      if (error_ || next_ == end_) return false;
      line_end_ = next_ = end_;  // the last line, without an end
      break;
    }
    searched = unsearched;
  }
  ++next_line_;
  return true;
}

bool LineReader::refill() {
  if (at_end_) return false;
  if (record_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + record_, end_ - record_);
    for (std::size_t* place : {&first_end_, &first_next_, &line_end_, &next_, &end_})
      *place = *place >= record_ ? *place - record_ : 0;
    record_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const auto count = source_->read(std::span(buffer_).subspan(end_));
  if (!count) error_ = count.error();
  if (!count || *count == 0) {
    at_end_ = true;
    return false;
  }
  end_ += *count;
  return true;
}

}  // namespace hhgrid::net
