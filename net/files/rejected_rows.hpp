#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/files/ingest_error.hpp"
#include "net/files/row_fields.hpp"

namespace hhgrid::net {

/// A rejected row as it is reported.
struct Rejection {
  std::uint64_t line = 0;
  RowError error;
  /// "line 17, column p3, value '-1': energy must not be negative (ECS1010 negative energy)".
  std::string to_string() const;
};

/// Counts the rejected rows of one file and writes them to `<file>.rejected.csv`: the rows as they
/// were with one more column, `reason`. The file is made when the first row is rejected; when there
/// is one already, `<file>.2.rejected.csv`, and so on.
class RejectedRows {
 public:
  /// So many rejections are kept for the summary.
  static constexpr std::size_t samples_max = 20;

  /// `header` is the header of the file without the new column.
  RejectedRows(std::filesystem::path target, std::string header);

  void add(std::uint64_t line, std::string_view record, RowError error);

  std::uint64_t count() const { return count_; }
  const std::map<std::string, std::uint64_t>& by_reason() const { return by_reason_; }
  const std::vector<Rejection>& samples() const { return samples_; }
  const std::filesystem::path& target() const { return target_; }
  /// Closes the file; error: not_written when some row could not be written.
  tl::expected<void, IngestError> close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void open();
  void write(std::string_view text);

  std::filesystem::path target_;
  std::string header_;
  std::unique_ptr<std::FILE, Closer> file_;
  int failed_with_ = 0;  // errno
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t> by_reason_;
  std::vector<Rejection> samples_;
};

}  // namespace hhgrid::net
