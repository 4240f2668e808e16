#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "net/files/ingest_error.hpp"
#include "net/files/row_error.hpp"

namespace hhgrid::net {

/// A rejected row as it is reported.
struct Rejection {
  std::uint64_t line = 0;
  RowError error;
  /// "line 17, column p3, value '-1': energy must not be negative".
  std::string described() const;
  /// The same with its reason: "... (ECS1010 negative energy)".
  std::string to_string() const;
};

/// How much of one file may be rejected before reading stops: a small file must not fill a disk
/// with what is wrong with it.
struct RejectedLimits {
  std::uint64_t rows_max = 1'000'000;
  std::uint64_t bytes_max = std::uint64_t{256} << 20;  ///< Of `<file>.rejected.csv`.
};

/// Counts the rejected rows of one file and writes them to `<file>.rejected.csv`: the rows as they
/// were with one more column, `reason`. The file is made when the first row is rejected; when there
/// is one already, `<file>.2.rejected.csv`, and so on.
class RejectedRows {
 public:
  /// So many rejections are kept for the summary.
  static constexpr std::size_t samples_max = 20;

  /// `header` is the header of the file without the new column.
  RejectedRows(std::filesystem::path target, std::string header, RejectedLimits limits);

  /// A row and what is wrong with it, at least one thing.
  void add(std::uint64_t line, std::string_view record, std::span<const RowError> errors);

  std::uint64_t count() const { return count_; }
  /// A limit is reached: reading must stop.
  bool full() const { return count_ >= limits_.rows_max || bytes_ >= limits_.bytes_max; }
  /// For each reason how often it was given (a row of half hours can have several).
  const std::map<std::string, std::uint64_t>& by_reason() const { return by_reason_; }
  /// For each reason its first place.
  const std::map<std::string, Rejection>& first_by_reason() const { return first_by_reason_; }
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
  RejectedLimits limits_;
  std::unique_ptr<std::FILE, Closer> file_;
  int failed_with_ = 0;  // errno
  std::uint64_t count_ = 0, bytes_ = 0;
  std::map<std::string, std::uint64_t> by_reason_;
  std::map<std::string, Rejection> first_by_reason_;
  std::vector<Rejection> samples_;
};

}  // namespace hhgrid::net
