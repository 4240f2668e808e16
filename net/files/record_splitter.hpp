#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace hhgrid::net {

/// Splits the fields of one record of a CSV file.
class RecordSplitter {
 public:
  RecordSplitter();
  ~RecordSplitter();
  RecordSplitter(const RecordSplitter&) = delete;
  RecordSplitter& operator=(const RecordSplitter&) = delete;

  /// Splits into `fields()`; false when the quoting of the record is broken (RFC 4180). The fields
  /// point into `record`, or into this object when there are quotes, until the next call.
  bool split(std::string_view record);
  const std::vector<std::string_view>& fields() const { return fields_; }

 private:
  bool split_quoted(std::string_view record);

  struct Quoted;  // libcsv's parser and the text that it makes
  std::unique_ptr<Quoted> quoted_;
  std::vector<std::string_view> fields_;
};

}  // namespace hhgrid::net
