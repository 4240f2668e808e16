#include "net/files/zip_source.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string_view>

#include <zip.h>

#include "net/files/file_kind.hpp"

namespace hhgrid::net {
namespace {

struct ArchiveCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, ArchiveCloser>;

/// The record at the end of a zip: 22 bytes and a comment of up to 64 kB.
constexpr std::string_view end_mark = "PK\x05\x06", end64_locator_mark = "PK\x06\x07";
constexpr std::size_t end_bytes = 22, comment_bytes_max = 0xFFFF, end64_locator_bytes = 20;
constexpr std::size_t directory_size_at = 12, directory_offset_at = 16, comment_size_at = 20;

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = size; i > 0; --i)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return number;
}

/// Whether the file is the archive and nothing else. A reader finds the directory from the end of
/// the file, and would never miss another archive in front of it.
bool fills_its_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  file.seekg(0, std::ios::end);
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0));
  std::string tail(std::min(size, end64_locator_bytes + end_bytes + comment_bytes_max), '\0');
  file.seekg(-static_cast<std::streamoff>(tail.size()), std::ios::end);
  if (!file.read(tail.data(), static_cast<std::streamsize>(tail.size()))) return false;
  for (auto at = tail.rfind(end_mark); at != std::string::npos;
       at = at > 0 ? tail.rfind(end_mark, at - 1) : std::string::npos) {
    const bool last = at + end_bytes <= tail.size() &&
                      at + end_bytes + number_at(tail, at + comment_size_at, 2) == tail.size();
    if (!last) continue;
    // The offsets of a large archive (zip64) are in a record of their own, which libzip checks.
    if (at >= end64_locator_bytes &&
        std::string_view(tail).substr(at - end64_locator_bytes).starts_with(end64_locator_mark))
      return true;
    return std::uint64_t{number_at(tail, at + directory_offset_at, 4)} +
               number_at(tail, at + directory_size_at, 4) ==
           size - tail.size() + at;
  }
  return false;
}

tl::expected<Archive, IngestError> open_archive(const std::string& name) {
  int code = 0;
  Archive archive(zip_open(name.c_str(), ZIP_RDONLY, &code));
  if (archive && fills_its_file(name)) return archive;
  if (archive) return damaged(name, "zip", "something stands before or behind the archive");
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return not_found(name, text);
}

tl::expected<ZipMembers, IngestError> members_of(zip_t* archive, const std::string& name) {
  ZipMembers members;
  int ptf = 0, csv = 0;
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive, 0));
  for (zip_uint64_t i = 0; i < count; ++i) {
    const char* const text = zip_get_name(archive, i, ZIP_FL_ENC_RAW);
    if (text == nullptr) return damaged(name, "zip", zip_strerror(archive));
    const std::string member = text;
    if (member.ends_with('/') || is_macintosh_extra(member)) continue;
    if (!is_ptf(member) && !has_ending(member, ".csv")) {
      members.others.push_back(member);
      continue;
    }
    ++(is_ptf(member) ? ptf : csv);
    members.data = member;
    members.data_index = i;
  }
  if (ptf + csv == 1) return members;
  return unreadable(name, "it holds " + std::to_string(ptf) + " .ptf files and " +
                              std::to_string(csv) + " .csv files instead of one: unpack it");
}

class ZipSource : public ByteSource {
 public:
  ZipSource(std::string name, Archive archive, zip_file_t* file)
      : name_(std::move(name)), archive_(std::move(archive)), file_(file) {}

  tl::expected<std::size_t, IngestError> read(std::span<char> out) override {
    const auto count = zip_fread(file_.get(), out.data(), out.size());
    if (count < 0) return damaged(name_, "zip", zip_file_strerror(file_.get()));
    return static_cast<std::size_t>(count);
  }

 private:
  struct FileCloser {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  std::string name_;
  Archive archive_;
  std::unique_ptr<zip_file_t, FileCloser> file_;
};

}  // namespace

tl::expected<ZipMembers, IngestError> zip_members(const std::filesystem::path& path) {
  const std::string name = path.string();
  return open_archive(name).and_then(
      [&](const Archive& archive) { return members_of(archive.get(), name); });
}

OpenedSource zip_source(const std::filesystem::path& path) {
  const std::string name = path.string();
  auto archive = open_archive(name);
  if (!archive) return tl::unexpected(archive.error());
  const auto members = members_of(archive->get(), name);
  if (!members) return tl::unexpected(members.error());
  zip_file_t* file = zip_fopen_index(archive->get(), members->data_index, 0);
  if (file == nullptr) return unreadable(name, zip_strerror(archive->get()));
  return std::make_unique<ZipSource>(name, std::move(*archive), file);
}

}  // namespace hhgrid::net
