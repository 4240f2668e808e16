#include "net/files/rejected_rows.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "net/files/csv_writer.hpp"

namespace hhgrid::net {

std::string Rejection::to_string() const {
  std::string text = "line " + std::to_string(line);
  if (!error.column.empty()) text += ", column " + error.column + ", value '" + error.value + "'";
  return text + ": " + error.text + " (" + error.reason + ")";
}

RejectedRows::RejectedRows(std::filesystem::path target, std::string header)
    : target_(std::move(target)), header_(std::move(header)) {}

void RejectedRows::add(std::uint64_t line, std::string_view record, RowError error) {
  if (++count_ == 1) {
    open();
    write(header_ + ",reason\n");
  }
  ++by_reason_[error.reason];
  Rejection rejection{line, std::move(error)};
  std::string row(record);
  row += ',';
  append_csv_field(row, rejection.to_string());
  row += '\n';
  write(row);
  if (samples_.size() < samples_max) samples_.push_back(std::move(rejection));
}

void RejectedRows::open() {
  // Never over a file that is there: somebody may be repairing it, or it is of a file of the same
  // name in another folder.
  const std::string name = target_.stem().stem().string();
  file_.reset(std::fopen(target_.c_str(), "wbx"));
  for (int n = 2; !file_ && errno == EEXIST; ++n) {
    target_.replace_filename(fmt::format("{}.{}.rejected.csv", name, n));
    file_.reset(std::fopen(target_.c_str(), "wbx"));
  }
  if (!file_) failed_with_ = errno;
}

void RejectedRows::write(std::string_view text) {
  if (failed_with_ == 0 && std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
    failed_with_ = errno;
}

tl::expected<void, IngestError> RejectedRows::close() {
  if (file_ && std::fclose(file_.release()) != 0 && failed_with_ == 0) failed_with_ = errno;
  if (failed_with_ == 0) return {};
  return tl::unexpected(IngestError{
      IngestErrc::not_written,
      fmt::format(
          "the {} rejected rows could not all be written to {}: {}. Load the file again with "
          "--rejected and a folder that has room and can be written.",
          count_, target_.string(), std::strerror(failed_with_))});
}

}  // namespace hhgrid::net
