#include "net/files/gzip_source.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include <zlib.h>

#include "core/assertion.hpp"

namespace hhgrid::net {
namespace {

constexpr std::size_t input_bytes = 128 * 1024;
constexpr unsigned char magic[] = {0x1F, 0x8B};
constexpr int gzip_only = MAX_WBITS + 16;  // as zlib takes it

class GzipSource : public ByteSource {
 public:
  GzipSource(std::string name, std::unique_ptr<ByteSource> compressed)
      : name_(std::move(name)), compressed_(std::move(compressed)), input_(input_bytes) {
    HHGRID_ASSERT(inflateInit2(&stream_, gzip_only) == Z_OK);
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    while (!error_) {
      if (state_ == State::ended) return std::size_t{0};
      if (state_ == State::no_gzip) return copy(out);
      if (state_ == State::between) {
        begin_member();
        continue;
      }
      // What comes before a fault is good, so the fault is told by the next call.
      const std::size_t count = inflate_some(out);
      if (count > 0) return count;
    }
    return tl::unexpected(*error_);
  }

 private:
  enum class State { between, inside, no_gzip, ended };

  void fail(const std::string& said) { error_ = damaged(name_, "gzip", said).value(); }

  /// Makes `count` bytes of input available if there are so many; false when not, or on an error.
  bool need(std::size_t count) {
    auto& next = stream_.next_in;
    std::copy(next, next + stream_.avail_in, input_.data());
    next = input_.data();
    while (stream_.avail_in < count) {
      const std::span<unsigned char> room = std::span(input_).subspan(stream_.avail_in);
      const auto got = compressed_->read({reinterpret_cast<char*>(room.data()), room.size()});
      if (!got) error_ = got.error();
      if (!got || *got == 0) return false;
      stream_.avail_in += static_cast<unsigned>(*got);
    }
    return true;
  }

  /// Decides what follows a member, or stands at the beginning.
  void begin_member() {
    const bool two = need(std::size(magic));
    if (error_) return;
    if (two && std::equal(std::begin(magic), std::end(magic), stream_.next_in)) {
      inflateReset(&stream_);
      ++members_;
      state_ = State::inside;
    } else if (members_ == 0) {
      state_ = State::no_gzip;
    } else if (stream_.avail_in == 0) {
      state_ = State::ended;
    } else if (stream_.next_in[0] == 0) {
      skip_zeros();
    } else {
      fail("what follows member " + std::to_string(members_) + " is no gzip");
    }
  }

  /// Zeros are sound only up to the end.
  void skip_zeros() {
    while (stream_.avail_in > 0 || need(1)) {
      const auto* const end = stream_.next_in + stream_.avail_in;
      const auto* const other = std::find_if(stream_.next_in, stream_.next_in + stream_.avail_in,
                                             [](unsigned char byte) { return byte != 0; });
      if (other != end)
        return fail("zeros follow member " + std::to_string(members_) + ", and then more");
      stream_.avail_in = 0;
    }
    state_ = State::ended;
  }

  std::size_t inflate_some(std::span<char> out) {
    if (stream_.avail_in == 0 && !need(1)) {
      if (!error_) fail("it ends inside member " + std::to_string(members_));
      return 0;
    }
    const auto room = static_cast<unsigned>(
        std::min<std::size_t>(out.size(), std::numeric_limits<unsigned>::max()));
    stream_.next_out = reinterpret_cast<unsigned char*>(out.data());
    stream_.avail_out = room;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      state_ = State::between;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fail(stream_.msg != nullptr ? stream_.msg : zError(result));
    }
    return room - stream_.avail_out;
  }

  tl::expected<std::size_t, IngestError> copy(std::span<char> out) {
    if (stream_.avail_in == 0) return compressed_->read(out);
    const std::size_t count = std::min<std::size_t>(out.size(), stream_.avail_in);
    std::copy_n(stream_.next_in, count, out.data());
    stream_.next_in += count;
    stream_.avail_in -= static_cast<unsigned>(count);
    return count;
  }

  std::string name_;
  std::unique_ptr<ByteSource> compressed_;
  std::vector<unsigned char> input_;
  z_stream stream_{};
  State state_ = State::between;
  std::uint64_t members_ = 0;
  std::optional<IngestError> error_;
};

}  // namespace

std::unique_ptr<ByteSource> gzip_source(std::string name, std::unique_ptr<ByteSource> compressed) {
  return std::make_unique<GzipSource>(std::move(name), std::move(compressed));
}

}  // namespace hhgrid::net
