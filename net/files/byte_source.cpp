#include "net/files/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <zstd.h>

#include "net/files/file_kind.hpp"
#include "net/files/gzip_source.hpp"
#include "net/files/zip_source.hpp"

namespace hhgrid::net {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using FilePointer = std::unique_ptr<std::FILE, FileCloser>;

// -- plain --------------------------------------------------------------------

class PlainSource : public ByteSource {
 public:
  PlainSource(std::string name, FilePointer file) : name_(std::move(name)), file_(std::move(file)) {
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  }
  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    const std::size_t count = std::fread(out.data(), 1, out.size(), file_.get());
    if (count == 0 && std::ferror(file_.get())) return unreadable(name_, std::strerror(errno));
    return count;
  }

 private:
  std::string name_;
  FilePointer file_;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    const std::size_t count = std::min(out.size(), bytes_->size() - next_);
    std::copy_n(bytes_->data() + next_, count, out.data());
    next_ += count;
    return count;
  }

 private:
  std::shared_ptr<const std::string> bytes_;
  std::size_t next_ = 0;
};

// -- zstd ---------------------------------------------------------------------

class ZstdSource : public ByteSource {
 public:
  ZstdSource(std::string name, FilePointer file)
      : file_name_(name),
        file_(std::move(name), std::move(file)),
        compressed_(ZSTD_DStreamInSize()),
        stream_(ZSTD_createDStream()) {}
  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    while (output.pos == 0) {
      if (input_.pos == input_.size) {
        auto count = file_.read(compressed_);
        if (!count) return count;
        if (*count == 0) {
          if (inside_frame_)
            return unreadable(file_name_,
                              "it is cut short: it ends inside a zstd frame; get it again");
          return std::size_t{0};
        }
        input_ = {compressed_.data(), *count, 0};
      }
      const std::size_t hint = ZSTD_decompressStream(stream_.get(), &output, &input_);
      if (ZSTD_isError(hint)) return damaged(file_name_, "zstd", ZSTD_getErrorName(hint));
      inside_frame_ = hint != 0;
    }
    return output.pos;
  }

 private:
  struct Closer {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::string file_name_;
  PlainSource file_;
  std::vector<char> compressed_;
  std::unique_ptr<ZSTD_DStream, Closer> stream_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool inside_frame_ = false;
};

}  // namespace

OpenedSource open_source(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return not_found(name, "it is a folder");
  if (has_ending(path, ".zip")) return zip_source(path);
  FilePointer file(std::fopen(name.c_str(), "rb"));
  if (!file) return not_found(name, std::strerror(errno));
  if (has_ending(path, ".zst")) return std::make_unique<ZstdSource>(name, std::move(file));
  auto plain = std::make_unique<PlainSource>(name, std::move(file));
  if (has_ending(path, ".gz")) return gzip_source(name, std::move(plain));
  return plain;
}

std::unique_ptr<ByteSource> standard_input() {
  return std::make_unique<PlainSource>("standard input", FilePointer(stdin));
}

std::unique_ptr<ByteSource> memory_source(std::shared_ptr<const std::string> bytes) {
  return std::make_unique<MemorySource>(std::move(bytes));
}

}  // namespace hhgrid::net
