#include "net/files/zip_source.hpp"

#include <memory>

#include <zip.h>

#include "net/files/file_kind.hpp"

namespace hhgrid::net {
namespace {

struct ArchiveCloser {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, ArchiveCloser>;

tl::expected<Archive, IngestError> open_archive(const std::string& name) {
  int code = 0;
  // Consistent: what its directory says is what the archive holds, and nothing besides.
  Archive archive(zip_open(name.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  if (code == ZIP_ER_INCONS) return damaged(name, "zip", text);
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
