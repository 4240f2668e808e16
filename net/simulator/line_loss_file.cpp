#include "net/simulator/line_loss_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "core/calendar.hpp"
#include "core/decimal.hpp"
#include "net/files/ptf_trailer.hpp"

namespace hhgrid::net {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;
constexpr std::uint32_t classes_of_a_distributor = 166;
/// Those with the two-digit ids 10 to 23.
constexpr std::string_view distributors[] = {"EELC", "EMEB", "LOND", "MANW", "MIDE",
                                             "NEEB", "NORW", "HYDE", "SPOW", "SEEB",
                                             "SOUT", "SWAE", "SWEB", "YELG"};

class Writer {
 public:
  explicit Writer(const std::filesystem::path& path) : file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) error_ = errno;
  }
  int error() const { return error_; }
  std::uint64_t records() const { return records_; }

  void header(std::string_view record) {
    checksum_.add_header(record);
    write(record);
  }
  void add(std::string_view record) {
    checksum_.add(record);
    write(record);
  }
  void finish() {
    write("ZPT|" + std::to_string(records_ + 1) + "|" + std::to_string(checksum_.value()));
    flush();
    if (file_ && std::fclose(file_.release()) != 0 && error_ == 0) error_ = errno;
  }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write(std::string_view record) {
    ++records_;
    buffer_.append(record).append("\n");
    if (buffer_.size() >= buffer_bytes) flush();
  }
  void flush() {
    if (error_ == 0 &&
        std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size())
      error_ = errno;
    buffer_.clear();
  }

  std::unique_ptr<std::FILE, Closer> file_;
  int error_ = 0;
  std::string buffer_;
  PtfChecksum checksum_;
  std::uint64_t records_ = 0;
};

/// Losses are greater by day and differ between classes; some classes are below 1.
std::int64_t factor_thousandths(std::uint32_t line_loss_class, std::int32_t day, int period) {
  const std::int64_t by_day = period >= 14 && period <= 46 ? 17 : 0;
  const std::int64_t by_weekday = day % 7 < 5 ? 6 : 0;
  return 984 + static_cast<std::int64_t>(line_loss_class * 37 % 120) + by_day + by_weekday +
         period % 3;
}

std::uint64_t write_class(Writer& writer, std::uint32_t line_loss_class,
                          const LineLossFileOptions& options) {
  static const auto calendar = core::SettlementCalendar::europe_london();
  std::uint64_t factors = 0;
  std::string record;
  writer.add("LLF|" + std::to_string(line_loss_class));
  for (std::int32_t day = options.first_day.value; day < options.first_day.value + options.days;
       ++day) {
    const std::string text = core::format_day(day);
    writer.add("SDT|" + text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2));
    const int periods = calendar.period_count({day});
    for (int period = 1; period <= periods; ++period, ++factors) {
      record = "SPL|";
      core::append_decimal(record, period, 0);
      record += '|';
      core::append_decimal(record, factor_thousandths(line_loss_class, day, period), 3);
      writer.add(record);
    }
  }
  return factors;
}

}  // namespace

tl::expected<std::uint64_t, storage::Error> write_line_loss_file(
    const std::filesystem::path& path, const LineLossFileOptions& options) {
  Writer writer(path);
  writer.header("ZHD||D0265001|R|LOND|G|CAPG|20240101000000||||OPER");
  std::uint64_t factors = 0;
  for (std::uint32_t n = 0; n < options.classes && writer.error() == 0; ++n) {
    const std::uint32_t of_distributor = n % classes_of_a_distributor;
    if (of_distributor == 0) {
      const auto distributor = n / classes_of_a_distributor % std::size(distributors);
      writer.add("DIS|" + std::string(distributors[distributor]));
    }
    factors += write_class(writer, of_distributor + 1, options);
  }
  writer.finish();
  if (writer.error() == 0) return factors;
  return tl::unexpected(storage::Error{
      storage::Errc::io, path.string() + " cannot be written: " + std::strerror(writer.error())});
}

}  // namespace hhgrid::net
