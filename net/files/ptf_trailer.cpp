#include "net/files/ptf_trailer.hpp"

#include <string>
#include <vector>

#include "core/text.hpp"

namespace hhgrid::net {
namespace {

/// Nothing of the file is taken, so what to do is the same for all of them.
tl::unexpected<IngestError> not_whole(const std::string& what) {
  return tl::unexpected(
      IngestError{IngestErrc::unreadable, what + ". Nothing of the file is loaded: get it again"});
}

tl::unexpected<IngestError> another_file(std::string what) {
  return tl::unexpected(IngestError{IngestErrc::bad_header, std::move(what)});
}

std::vector<std::string_view> fields_of(std::string_view record) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto bar = record.find('|');
    fields.push_back(record.substr(0, bar));
    if (bar == std::string_view::npos) return fields;
    record.remove_prefix(bar + 1);
  }
}

tl::expected<void, IngestError> check_header(std::string_view record) {
  if (!record.starts_with("ZHD|")) return another_file("the file does not begin with a ZHD record");
  const auto fields = fields_of(record);
  if (fields.size() > 2 && fields[2] == "D0265001") return {};
  return another_file("the file is no D0265001: it begins with '" + core::excerpt(record) + "'");
}

/// `records`: all of the file, this one too.
tl::expected<void, IngestError> check_trailer(std::string_view record, std::uint64_t records,
                                              std::uint32_t checksum) {
  const auto fields = fields_of(record);
  const auto said = [&](std::size_t field) {
    return field < fields.size() ? core::parse_digits(fields[field]) : std::nullopt;
  };
  if (said(1) != records)
    return not_whole("the file has " + std::to_string(records) +
                     " records, its trailer says otherwise: '" + core::excerpt(record) + "'");
  if (said(2) != checksum)
    return not_whole("the check sum of the records is " + std::to_string(checksum) +
                     ", the trailer says otherwise: '" + core::excerpt(record) +
                     "'. Something was changed on the way");
  return {};
}

}  // namespace

void PtfChecksum::add_header(std::string_view record) {
  constexpr std::size_t empty_field = 1, time_field = 7;
  const auto fields = fields_of(record);
  std::string counted;
  for (std::size_t i = 0; i < fields.size() && i <= time_field; ++i) {
    if (i == empty_field) continue;
    if (!counted.empty()) counted += '|';
    counted += fields[i];
  }
  add(counted);
}

std::uint32_t PtfChecksum::value() const {
  unsigned char bytes[sizeof bytes_];
  std::memcpy(bytes, &bytes_, sizeof bytes_);
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

tl::expected<void, IngestError> verify_ptf(LineReader& lines) {
  PtfChecksum checksum;
  std::uint64_t records = 0;
  bool ended = false;
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    if (ended)
      return not_whole("line " + std::to_string(lines.line_number()) +
                       " comes behind the ZPT record, the last one");
    if (++records == 1) {
      if (auto header = check_header(*line); !header) return header;
      checksum.add_header(*line);
    } else if (line->starts_with("ZPT")) {
      if (auto trailer = check_trailer(*line, records, checksum.value()); !trailer) return trailer;
      ended = true;
    } else {
      checksum.add(*line);
    }
  }
  if (lines.error()) return tl::unexpected(*lines.error());
  if (records == 0) return another_file("the file is empty");
  if (!ended) return not_whole("the file has no ZPT record: it was cut off");
  return {};
}

}  // namespace hhgrid::net
