#include "net/simulator/folder_output.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "core/decimal.hpp"
#include "net/files/csv_writer.hpp"
#include "net/files/row_handler.hpp"

namespace hhgrid::net {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_buffer_bytes = 256 * 1024;

std::string period_columns() {
  std::string text;
  for (int p = 1; p <= core::periods_per_utc_day; ++p)
    text.append(",").append(period_column_name(p));
  return text;
}

std::string header_of(FileKind kind) {
  switch (kind) {
    case FileKind::bank_holidays:
      return "date,name";
    case FileKind::bmus:
      return "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to";
    case FileKind::component_classes:
      return "ccc_id,connection_type,measurement_quantity,market_segment,indicator,weight,"
             "effective_from,effective_to";
    case FileKind::line_losses:
      return "distributor_id,llfc_id,settlement_date,settlement_period,llf";
    case FileKind::default_shapes:
      return "gsp_group_id,connection_type,market_segment,domestic,measurement_quantity,day_type" +
             period_columns();
    case FileKind::group_takes:
      return "gsp_group_id,settlement_date,settlement_period,mwh,flag";
    case FileKind::run_dates:
      return "settlement_date,settlement_code,cutoff_utc,run_date";
    case FileKind::registrations:
      return "mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,"
             "bmu_id,llfc_id,"
             "duos_tariff_id,market_segment,connection_type,domestic,energisation,data_service_id";
    case FileKind::annual_consumption:
      return "mpan,effective_from,kwh,quality";
    default:
      return "mpan,measurement_quantity,utc_day,quality" + period_columns();
  }
}

/// Fields are separated by commas that are written before them.
class FolderOutput : public SimulationOutput {
 public:
  explicit FolderOutput(fs::path folder) : folder_(std::move(folder)) {}

  void begin(FileKind kind, bool late) override {
    close();
    const fs::path folder = late ? folder_ / "late" : folder_;
    std::error_code failed;
    fs::create_directories(folder, failed);
    path_ = folder / (std::string(to_string(kind)) + ".csv");
    file_.reset(std::fopen(path_.c_str(), "wb"));
    if (!file_) fail(std::strerror(errno));
    row_ = header_of(kind);
    end();
  }

  void put(const storage::BankHoliday& x) override {
    first(core::format_day(x.day_number));
    row_ += ',';
    append_csv_field(row_, x.name);
    end();
  }
  void put(const core::Bmu& x) override {
    first(x.id.view())
        .next(x.supplier.view())
        .next(x.gsp_group.to_string())
        .flag(x.default_unit)
        .range(x.effective);
    end();
  }
  void put(const core::ComponentClass& x) override {
    first(std::to_string(x.ccc_id))
        .next(to_string(x.connection))
        .next(to_string(x.quantity))
        .next(to_string(x.segment));
    next(to_string(x.indicator))
        .next(core::format_decimal(x.weight_hundredths, 2))
        .range(x.effective);
    end();
  }
  void put(const storage::LineLosses& x) override {
    const std::string start = std::to_string(x.distributor)
                                  .append(",")
                                  .append(x.llfc.view())
                                  .append(",")
                                  .append(core::format_day(x.day.value));
    for (std::size_t i = 0; i < x.thousandths.size(); ++i) {
      if (x.thousandths[i] == 0) continue;
      first(start).next(std::to_string(i + 1)).next(core::format_decimal(x.thousandths[i], 3));
      end();
    }
  }
  void put(const core::DefaultShapeRow& x) override {
    first(x.gsp_group ? x.gsp_group->to_string() : "");
    next(x.connection ? to_string(*x.connection) : "").next(x.segment ? to_string(*x.segment) : "");
    next(!x.domestic ? "" : *x.domestic ? "T" : "F").next(x.quantity ? to_string(*x.quantity) : "");
    next(x.day_type ? to_string(*x.day_type) : "");
    for (const auto energy_wh : x.energy_wh) kwh(energy_wh);
    end();
  }
  void put(const storage::GroupTake& x) override {
    const std::string start =
        x.gsp_group.to_string().append(",").append(core::format_day(x.day.value));
    for (std::size_t i = 0; i < x.take.energy_wh.size(); ++i) {
      if (!x.take.present[i]) continue;
      first(start).next(std::to_string(i + 1)).next(core::format_decimal(x.take.energy_wh[i], 6));
      next(x.take.estimated[i] ? "E" : "A");
      end();
    }
  }
  void put(const storage::RunDateRow& x) override {
    first(core::format_day(x.day.value))
        .next(to_string(x.code))
        .next(core::format_instant(x.run_date.cutoff));
    next(core::format_day(x.run_date.run_day));
    end();
  }
  void put(const storage::Registration& x) override {
    const core::Terms& t = x.terms;
    first(x.mpan.to_string())
        .range(x.effective)
        .next(to_string(t.direction))
        .next(t.gsp_group.to_string());
    next(std::to_string(t.distributor))
        .next(t.supplier.view())
        .next(t.bmu.view())
        .next(t.llfc.view());
    next(t.duos_tariff.view())
        .next(to_string(t.segment))
        .next(to_string(t.connection))
        .flag(t.domestic);
    next(t.energised ? "E" : "D").next(t.data_service.view());
    end();
  }
  void put(const storage::AnnualConsumption& x) override {
    first(x.mpan.to_string()).next(core::format_day(x.effective_from.value)).kwh(x.energy_wh);
    next({&x.quality, 1});
    end();
  }
  void put(const storage::ConsumptionDay& x) override {
    if (x.day != day_ || day_text_.empty()) {
      day_ = x.day;
      day_text_ = core::format_day(x.day.value);
    }
    first(x.mpan.to_string())
        .next(to_string(x.quantity))
        .next(day_text_)
        .next(to_string(x.quality));
    for (int p = 1; p <= core::periods_per_utc_day; ++p) {
      if (x.has(p)) {
        kwh(x.energy_wh[static_cast<std::size_t>(p - 1)]);
      } else {
        row_ += ',';
      }
    }
    end();
  }

  tl::expected<void, IngestError> finish() override {
    close();
    if (error_) return tl::unexpected(*error_);
    return {};
  }

 private:
  FolderOutput& first(std::string_view text) {
    row_ += text;
    return *this;
  }
  FolderOutput& next(std::string_view text) {
    row_ += ',';
    row_ += text;
    return *this;
  }
  FolderOutput& flag(bool value) { return next(value ? "T" : "F"); }
  FolderOutput& range(const core::EffectiveRange& x) {
    return next(core::format_day(x.from.value)).next(core::format_day(x.to.value));
  }
  FolderOutput& kwh(core::WattHours wh) {
    char text[32] = {','};
    char* at = std::to_chars(text + 1, std::end(text), wh / 1000).ptr;
    const auto rest = static_cast<unsigned>(wh % 1000);
    *at++ = '.';
    *at++ = static_cast<char>('0' + rest / 100);
    *at++ = static_cast<char>('0' + rest / 10 % 10);
    *at++ = static_cast<char>('0' + rest % 10);
    row_.append(text, at);
    return *this;
  }
  void end() {
    row_ += '\n';
    if (row_.size() >= file_buffer_bytes) flush();
  }
  void flush() {
    if (file_ && std::fwrite(row_.data(), 1, row_.size(), file_.get()) != row_.size())
      fail(std::strerror(errno));
    row_.clear();
  }
  void close() {
    flush();
    if (file_ && std::fclose(file_.release()) != 0) fail(std::strerror(errno));
  }
  void fail(const std::string& cause) {
    if (!error_)
      error_ =
          IngestError{IngestErrc::not_written, path_.string() + " cannot be written: " + cause};
  }

  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  fs::path folder_, path_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::string row_;  // what is not written yet
  core::UtcDay day_;
  std::string day_text_;
  std::optional<IngestError> error_;
};

}  // namespace

std::unique_ptr<SimulationOutput> folder_output(fs::path folder) {
  return std::make_unique<FolderOutput>(std::move(folder));
}

}  // namespace hhgrid::net
