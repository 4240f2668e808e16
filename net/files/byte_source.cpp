#include "net/files/byte_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

namespace hhgrid::net {
namespace {

tl::unexpected<IngestError> unreadable(const std::string& name, const std::string& cause) {
  return tl::unexpected(IngestError{IngestErrc::unreadable, name + " cannot be read: " + cause});
}

tl::unexpected<IngestError> not_found(const std::string& name, const std::string& cause) {
  return tl::unexpected(IngestError{IngestErrc::not_found, name + " cannot be opened: " + cause});
}

/// What a decompression library said, for people.
std::string damaged_text(std::string_view format, std::string_view said) {
  return fmt::format("its {} data is damaged or cut short ({}); get it again", format, said);
}

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

// -- gzip ---------------------------------------------------------------------

class GzipSource : public ByteSource {
 public:
  GzipSource(std::string name, gzFile file) : name_(std::move(name)), file_(file) {
    gzbuffer(file_.get(), 1 << 17);
  }
  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    if (damage_) return unreadable(name_, *damage_);
    const int count = gzread(file_.get(), out.data(), static_cast<unsigned>(out.size()));
    int error = Z_OK;
    std::string_view text = gzerror(file_.get(), &error);
    if (text.starts_with(name_ + ": ")) text.remove_prefix(name_.size() + 2);
    // A file that ends inside a member is Z_BUF_ERROR at its end.
    if (count < 0 || (error != Z_OK && error != Z_STREAM_END)) {
      damage_ = damaged_text("gzip", text);
      // What comes before the damage is good.
      if (count <= 0) return unreadable(name_, *damage_);
    }
    return static_cast<std::size_t>(count);
  }

 private:
  struct Closer {
    void operator()(gzFile file) const { gzclose_r(file); }
  };
  std::string name_;
  std::optional<std::string> damage_;
  std::unique_ptr<gzFile_s, Closer> file_;
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
      if (ZSTD_isError(hint))
        return unreadable(file_name_, damaged_text("zstd", ZSTD_getErrorName(hint)));
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

// -- zip ----------------------------------------------------------------------

class ZipSource : public ByteSource {
 public:
  static OpenedSource open(const std::string& name) {
    int code = 0;
    std::unique_ptr<zip_t, ArchiveCloser> archive(zip_open(name.c_str(), ZIP_RDONLY, &code));
    if (!archive) {
      zip_error_t error;
      zip_error_init_with_code(&error, code);
      const std::string text = zip_error_strerror(&error);
      zip_error_fini(&error);
      return not_found(name, text);
    }
    std::vector<zip_uint64_t> members;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive.get(), 0); ++i) {
      const std::string member = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
      if (member.ends_with(".ptf")) members.push_back(static_cast<zip_uint64_t>(i));
    }
    if (members.size() != 1)
      return unreadable(
          name, "it holds " + std::to_string(members.size()) + " .ptf files instead of one");
    zip_file_t* file = zip_fopen_index(archive.get(), members[0], 0);
    if (file == nullptr) return unreadable(name, zip_strerror(archive.get()));
    return std::make_unique<ZipSource>(name, std::move(archive), file);
  }

  struct ArchiveCloser {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };
  ZipSource(std::string name, std::unique_ptr<zip_t, ArchiveCloser> archive, zip_file_t* file)
      : name_(std::move(name)), archive_(std::move(archive)), file_(file) {}

  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    const auto count = zip_fread(file_.get(), out.data(), out.size());
    if (count < 0) return unreadable(name_, damaged_text("zip", zip_file_strerror(file_.get())));
    return static_cast<std::size_t>(count);
  }

 private:
  struct FileCloser {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  std::string name_;
  std::unique_ptr<zip_t, ArchiveCloser> archive_;
  std::unique_ptr<zip_file_t, FileCloser> file_;
};

}  // namespace

OpenedSource open_source(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return not_found(name, "it is a folder");
  if (path.extension() == ".zip") return ZipSource::open(name);
  if (path.extension() == ".gz") {
    const gzFile file = gzopen(name.c_str(), "rb");
    if (file == nullptr) return not_found(name, std::strerror(errno));
    return std::make_unique<GzipSource>(name, file);
  }
  FilePointer file(std::fopen(name.c_str(), "rb"));
  if (!file) return not_found(name, std::strerror(errno));
  if (path.extension() == ".zst") return std::make_unique<ZstdSource>(name, std::move(file));
  return std::make_unique<PlainSource>(name, std::move(file));
}

std::unique_ptr<ByteSource> standard_input() {
  return std::make_unique<PlainSource>("standard input", FilePointer(stdin));
}

std::unique_ptr<ByteSource> memory_source(std::shared_ptr<const std::string> bytes) {
  return std::make_unique<MemorySource>(std::move(bytes));
}

}  // namespace hhgrid::net
