#include "storage/journal/local/segment_scan.hpp"

#include <algorithm>
#include <cstring>

namespace hhgrid::storage {

namespace {

constexpr std::size_t window_bytes = std::size_t{1} << 20;
constexpr std::size_t word_bytes = sizeof(std::uint64_t);

template <class T>
T copy_as(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// One segment file while it is scanned.
class Scan {
 public:
  Scan(const File& file, const std::filesystem::path& path, std::uint64_t number)
      : path_(path), number_(number), file_(file), window_(file) {}

  SystemResult<void> measure() {
    auto size = file_.size();
    if (!size) return tl::unexpected(size.error());
    file_bytes_ = *size;
    return {};
  }

  std::uint64_t file_bytes() const { return file_bytes_; }

  /// The header of the frame at `offset` when the whole frame holds; nothing when it does not.
  SystemResult<std::optional<FrameHeader>> frame_at(std::uint64_t offset) {
    if (offset > file_bytes_ || file_bytes_ - offset < sizeof(FrameHeader)) return std::nullopt;
    auto bytes = window_.view(offset, sizeof(FrameHeader));
    if (!bytes) return tl::unexpected(bytes.error());
    if (bytes->size() < sizeof(FrameHeader)) return std::nullopt;
    const auto header = copy_as<FrameHeader>(*bytes);
    if (!is_plausible(header, offset, file_bytes_)) return std::nullopt;
    bytes = window_.view(offset, header.total_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    if (bytes->size() < header.total_bytes) return std::nullopt;
    const auto payload_hash = hash_payload(bytes->subspan(sizeof(FrameHeader)));
    if (frame_checksum(header, payload_hash, number_, offset) != header.checksum) {
      return std::nullopt;
    }
    return header;
  }

  Error read_error(SystemError error) const { return to_error(error, "read", path_); }

  /// Hands the frames from `from` on to `on_frame`; returns where the first that does not hold, or
  /// the seal, begins, or `end`.
  tl::expected<std::uint64_t, Error> run(std::uint64_t from, std::uint64_t end,
                                         const OnFrame& on_frame) {
    while (from < end) {
      auto frame = frame_at(from);
      if (!frame) return tl::unexpected(read_error(frame.error()));
      if (!*frame || (*frame)->kind == FrameKind::seal) break;
      if ((*frame)->kind != FrameKind::block) {
        return tl::unexpected(damaged_at(path_, from, "a checkpoint stands between blocks"));
      }
      if (auto taken = on_frame(from, **frame); !taken) return tl::unexpected(taken.error());
      from += (*frame)->total_bytes;
    }
    return from;
  }

  /// After the frames end at `end`: the torn bytes, or damaged when a later group was written.
  tl::expected<SegmentTail, Error> search_tail(std::uint64_t end) {
    SegmentTail tail{.end = end};
    std::uint64_t offset = end;
    while (offset < file_bytes_) {
      auto bytes = window_.view(offset, window_bytes);
      if (!bytes) return tl::unexpected(read_error(bytes.error()));
      const auto found = next_magic(*bytes, offset, tail);
      if (!found) {
        offset += std::max(bytes->size(), word_bytes);
        continue;
      }
      auto frame = frame_at(*found);
      if (!frame) return tl::unexpected(read_error(frame.error()));
      if (*frame && (*frame)->group_offset > end) {
        return tl::unexpected(damaged_at(
            path_, end,
            "no frame that holds stands here, but one that was written later stands at byte " +
                std::to_string(*found)));
      }
      tail.torn_bytes = std::max(tail.torn_bytes, *found + word_bytes - end);
      offset = *found + word_bytes;
    }
    return tail;
  }

 private:
  /// The first aligned word that starts like a frame; notes in `tail` how far there is anything but
  /// zeros.
  static std::optional<std::uint64_t> next_magic(std::span<const std::byte> bytes,
                                                 std::uint64_t offset, SegmentTail& tail) {
    std::size_t at = 0, last_used = 0;
    std::optional<std::uint64_t> found;
    for (; at + word_bytes <= bytes.size(); at += word_bytes) {
      const auto word = copy_as<std::uint64_t>(bytes.subspan(at));
      if (word == 0) continue;
      last_used = at + word_bytes;
      if (static_cast<std::uint32_t>(word) == FrameHeader::magic_value) {
        found = offset + at;
        break;
      }
    }
    // A torn file may end within a word.
    if (!found && std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(),
                              [](std::byte byte) { return byte != std::byte{0}; })) {
      last_used = bytes.size();
    }
    if (last_used > 0) {
      tail.torn_bytes = std::max(tail.torn_bytes, offset + last_used - tail.end);
    }
    return found;
  }

  const std::filesystem::path& path_;
  std::uint64_t number_;
  const File& file_;
  ReadWindow window_;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace

SystemResult<std::span<const std::byte>> ReadWindow::view(std::uint64_t offset, std::size_t bytes) {
  const auto all = std::as_writable_bytes(std::span(buffer_));
  if (offset < start_ || offset + bytes > start_ + size_) {
    const std::size_t wanted = std::max(bytes, window_bytes);
    if (all.size() < wanted) buffer_.resize((wanted + word_bytes - 1) / word_bytes);
    const auto space = std::as_writable_bytes(std::span(buffer_));
    auto got = read_fully(file_, space, offset);
    if (!got) return tl::unexpected(got.error());
    start_ = offset;
    size_ = *got;
  }
  const std::size_t skip = offset - start_;
  return std::as_bytes(std::span(buffer_)).subspan(skip, std::min(bytes, size_ - skip));
}

Error damaged_at(const std::filesystem::path& path, std::uint64_t offset, std::string_view cause) {
  std::string text = path.string() + " is damaged at byte " + std::to_string(offset) + ": ";
  text.append(cause).append(".");
  return {Errc::damaged, std::move(text)};
}

namespace {

std::string hex(GridId id) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(id.high),
                static_cast<unsigned long long>(id.low));
  return text;
}

tl::expected<void, Error> check_header(const SegmentHeader& header,
                                       const std::filesystem::path& path, std::uint64_t number,
                                       GridId grid_id, std::uint16_t partition_count) {
  const auto fail = [&](Errc code, const std::string& cause) {
    return tl::unexpected(Error{code, path.string() + " " + cause + "."});
  };
  if (header.magic != SegmentHeader{}.magic) {
    return fail(Errc::foreign, "is not a journal segment: its first bytes at byte 0 differ");
  }
  if (header.format_version != 0 && header.format_version != segment_format) {
    return fail(wrong_format(header.format_version, segment_format),
                "has format " + std::to_string(header.format_version) +
                    " at byte 8; this program reads " + std::to_string(segment_format));
  }
  if (header.checksum != header_checksum(header)) {
    return tl::unexpected(damaged_at(path, 0, "the header's checksum does not hold"));
  }
  if (header.format_version != segment_format) {
    return fail(Errc::damaged,
                "has the unknown format " + std::to_string(header.format_version) + " at byte 8");
  }
  if (header.grid_id != grid_id) {
    return fail(Errc::foreign,
                "belongs to grid " + hex(header.grid_id) + " by byte 16, not to " + hex(grid_id));
  }
  if (header.partition_count != partition_count) {
    return fail(Errc::foreign, "is for " + std::to_string(header.partition_count) +
                                   " partitions by byte 12, not for " +
                                   std::to_string(partition_count));
  }
  if (header.number != number) {
    return tl::unexpected(
        damaged_at(path, 32, "the header has segment number " + std::to_string(header.number)));
  }
  return {};
}

}  // namespace

tl::expected<SegmentHead, Error> read_segment_head(const File& file,
                                                   const std::filesystem::path& path,
                                                   std::uint64_t number, GridId grid_id,
                                                   std::uint16_t partition_count) {
  SegmentHead head;
  auto got = read_fully(file, std::as_writable_bytes(std::span(&head.header, 1)), 0);
  if (!got) return tl::unexpected(to_error(got.error(), "read", path));
  if (*got < sizeof(SegmentHeader)) {
    return tl::unexpected(damaged_at(path, *got, "the file ends within the header"));
  }
  if (auto checked = check_header(head.header, path, number, grid_id, partition_count); !checked) {
    return tl::unexpected(checked.error());
  }

  Scan scan(file, path, number);
  if (auto measured = scan.measure(); !measured) {
    return tl::unexpected(scan.read_error(measured.error()));
  }
  auto frame = scan.frame_at(checkpoint_offset);
  if (!frame) return tl::unexpected(scan.read_error(frame.error()));
  if (!*frame || (*frame)->kind != FrameKind::checkpoint) {
    return tl::unexpected(damaged_at(path, checkpoint_offset, "the checkpoint does not hold"));
  }
  std::vector<std::uint64_t> words((*frame)->payload_bytes / word_bytes);
  got = read_fully(file, std::as_writable_bytes(std::span(words)),
                   checkpoint_offset + sizeof(FrameHeader));
  if (!got) return tl::unexpected(to_error(got.error(), "read", path));
  auto checkpoint = decode_checkpoint(words);
  if (!checkpoint || checkpoint->partitions.size() != partition_count) {
    return tl::unexpected(damaged_at(path, checkpoint_offset, "the checkpoint cannot be read"));
  }
  head.checkpoint = std::move(*checkpoint);
  head.frames_offset = checkpoint_offset + (*frame)->total_bytes;
  return head;
}

tl::expected<bool, Error> scan_followed_segment(const File& file, const std::filesystem::path& path,
                                                std::uint64_t number, std::uint64_t from,
                                                std::uint64_t end, const OnFrame& on_frame) {
  Scan scan(file, path, number);
  if (auto measured = scan.measure(); !measured) {
    return tl::unexpected(scan.read_error(measured.error()));
  }
  auto reached = scan.run(from, end, on_frame);
  if (!reached) return tl::unexpected(reached.error());
  if (*reached != end)
    return tl::unexpected(
        damaged_at(path, *reached,
                   "no frame that holds stands here, but the next segment says that "
                   "this one reaches to byte " +
                       std::to_string(end)));
  auto seal = scan.frame_at(end);
  if (!seal) return tl::unexpected(scan.read_error(seal.error()));
  return *seal && (*seal)->kind == FrameKind::seal;
}

tl::expected<SegmentTail, Error> scan_last_segment(const File& file,
                                                   const std::filesystem::path& path,
                                                   std::uint64_t number, std::uint64_t from,
                                                   const OnFrame& on_frame) {
  Scan scan(file, path, number);
  if (auto measured = scan.measure(); !measured) {
    return tl::unexpected(scan.read_error(measured.error()));
  }
  auto reached = scan.run(from, scan.file_bytes(), on_frame);
  if (!reached) return tl::unexpected(reached.error());
  auto seal = scan.frame_at(*reached);
  if (!seal) return tl::unexpected(scan.read_error(seal.error()));
  if (*seal && (*seal)->kind == FrameKind::seal) {
    const auto successor = path.parent_path() / segment_name(number + 1);
    return tl::unexpected(
        Error{Errc::damaged, successor.string() + " is missing, but " + path.string() +
                                 " says at byte " + std::to_string(*reached) +
                                 " that it follows: the journal has lost all from byte 0 of it."});
  }
  return scan.search_tail(*reached);
}

}  // namespace hhgrid::storage
