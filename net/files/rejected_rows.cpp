#include "net/files/rejected_rows.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "net/files/csv_writer.hpp"

namespace hhgrid::net {

namespace {

/// So many errors of one row are told at length, the others by their columns.
constexpr std::size_t errors_told_max = 4;

/// "column p3, value '-1': energy must not be negative".
std::string describe(const RowError& error) {
  const std::string place =
      error.column.empty() ? "" : "column " + error.column + ", value '" + error.value + "': ";
  return place + error.text;
}

std::string describe(std::uint64_t line, std::span<const RowError> errors) {
  std::string text = Rejection{line, errors.front()}.to_string();
  for (std::size_t i = 1; i < errors.size(); ++i) {
    if (i < errors_told_max) {
      text += "; " + describe(errors[i]) + " (" + errors[i].reason + ")";
    } else {
      text += (i == errors_told_max ? "; and columns " : " ") + errors[i].column;
    }
  }
  return text;
}

}  // namespace

std::string Rejection::described() const {
  return "line " + std::to_string(line) + (error.column.empty() ? ": " : ", ") + describe(error);
}

std::string Rejection::to_string() const { return described() + " (" + error.reason + ")"; }

RejectedRows::RejectedRows(std::filesystem::path target, std::string header, RejectedLimits limits)
    : target_(std::move(target)), header_(std::move(header)), limits_(limits) {}

void RejectedRows::add(std::uint64_t line, std::string_view record,
                       std::span<const RowError> errors) {
  if (++count_ == 1) {
    open();
    write(header_ + ",reason\n");
  }
  std::string row(record);
  row += ',';
  append_csv_field(row, describe(line, errors));
  row += '\n';
  write(row);
  for (const auto& error : errors) {
    ++by_reason_[error.reason];
    const Rejection rejection{line, error};
    first_by_reason_.try_emplace(error.reason, rejection);
    if (samples_.size() < samples_max) samples_.push_back(rejection);
  }
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
  bytes_ += text.size();
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
