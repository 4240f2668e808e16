#include "net/files/ptf_reader.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

/// Market Domain Data, role R (distributor), those with a distributor short code.
constexpr std::pair<std::string_view, std::uint8_t> participants[] = {
    {"EELC", 10}, {"EMEB", 11}, {"LOND", 12}, {"MANW", 13}, {"MIDE", 14}, {"NEEB", 15},
    {"NORW", 16}, {"HYDE", 17}, {"SPOW", 18}, {"SEEB", 19}, {"SOUT", 20}, {"SWAE", 21},
    {"SWEB", 22}, {"YELG", 23}, {"IPNL", 24}, {"LENG", 25}, {"GUCL", 26}, {"ETCL", 27},
    {"EDFI", 28}, {"HARL", 29}, {"PENL", 30}, {"UKPD", 31}, {"UDNL", 32}, {"GGEN", 33},
    {"MPDL", 34}, {"FEAL", 35}, {"VATT", 36}, {"FORB", 37}, {"INDI", 38}, {"STRK", 39},
    {"UTAL", 40}, {"AENL", 42}, {"IDCS", 43}, {"AURO", 45}, {"AIDI", 46}, {"VEPN", 47},
    {"EONN", 48}, {"AGRN", 51}, {"GLPN", 52}};

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// `yyyymmdd`.
std::optional<std::int32_t> compact_day(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const std::string dashed = std::string(text.substr(0, 4)) + '-' + std::string(text.substr(4, 2)) +
                             '-' + std::string(text.substr(6, 2));
  const auto day = core::parse_day_number(dashed);
  if (!day || !core::SettlementCalendar::covers(*day)) return std::nullopt;
  return *day;
}

class PtfReader {
 public:
  PtfReader(RowContext& context, RejectedRows& rejected) : context_(context), rejected_(rejected) {}

  PtfResult run(LineReader& lines) {
    while (const auto line = lines.next()) {
      ++records_;
      record(*line, lines.line_number());
      if (result_.error || context_.sink_error()) return result_;
    }
    emit();
    result_.error = lines.error();
    if (!result_.error) check_trailer();
    return result_;
  }

 private:
  void record(std::string_view line, std::uint64_t number) {
    const auto bar = line.find('|');
    const auto type = line.substr(0, bar);
    const auto rest = bar == std::string_view::npos ? std::string_view() : line.substr(bar + 1);
    const auto first = rest.substr(0, rest.find('|'));
    if (type == "SPL") {
      ++result_.rows_read;
      factor(line, number, first, rest.substr(std::min(rest.size(), first.size() + 1)));
    } else if (type == "SDT") {
      emit();
      day_ = compact_day(first);
      if (day_) day_periods_ = context_.calendar().period_count({*day_});
      if (!day_)
        reject(line, number, "settlement date is not valid", "SDT", first,
               "it must be a day as YYYYMMDD");
    } else if (type == "LLF") {
      emit();
      day_.reset();
      const auto llfc = core::LlfcId::parse(first);
      llfc_ = llfc ? std::optional(*llfc) : std::nullopt;
      if (!llfc)
        reject(line, number, "line loss factor class is not valid", "LLF", first,
               llfc.error().text);
    } else if (type == "DIS") {
      emit();
      llfc_.reset();
      distributor_ = distributor_of_participant(first);
      if (!distributor_)
        reject(line, number, "distributor is not known", "DIS", first,
               "no distributor has that market participant id");
    } else if (type == "ZHD") {
      if (line.find("|D0265001|") == std::string_view::npos)
        result_.error =
            IngestError{IngestErrc::bad_header, "the file is no D0265001: it begins with '" +
                                                    std::string(line.substr(0, 60)) + "'"};
      header_seen_ = true;
    } else if (type == "ZPT") {
      trailer_ = whole_number<std::uint64_t>(first);
    } else {
      reject(line, number, "record type is not known", "", type,
             "D0265 has ZHD, DIS, LLF, SDT, SPL and ZPT");
    }
    if (!header_seen_)
      result_.error =
          IngestError{IngestErrc::bad_header, "the file does not begin with a ZHD record"};
  }

  void factor(std::string_view line, std::uint64_t number, std::string_view period_text,
              std::string_view factor_text) {
    if (!distributor_ || !llfc_ || !day_) {
      reject(line, number, "no valid distributor, class or date above", "", line,
             "the record has nothing to belong to");
      return;
    }
    const auto period = whole_number<int>(period_text);
    if (!period || *period < 1 || *period > day_periods_) {
      reject(line, number, "settlement period is not valid", "SPL", period_text,
             "that day has the periods 1 to " + std::to_string(day_periods_));
      return;
    }
    const auto factor = core::parse_decimal(factor_text, 3);
    if (!factor || *factor < 1 || *factor > 0xFFFF) {
      reject(line, number, "factor is not valid", "SPL", factor_text,
             factor ? "it must be in 0.001 to 65.535" : factor.error().text);
      return;
    }
    auto& slot = factors_[static_cast<std::size_t>(*period - 1)];
    if (slot != 0) {
      reject(line, number, "period given twice", "SPL", period_text,
             "the records before give that period already");
      return;
    }
    slot = static_cast<std::uint16_t>(*factor);
    any_factor_ = true;
    ++result_.rows_accepted;
  }

  void emit() {
    if (any_factor_) {
      const storage::LineLosses losses{*distributor_, *llfc_, {*day_}, factors_};
      context_.emit_market(storage::encode_line_losses(losses, context_.scratch()));
    }
    any_factor_ = false;
    factors_ = {};
  }

  void reject(std::string_view line, std::uint64_t number, std::string reason, std::string column,
              std::string_view value, std::string text) {
    rejected_.add(
        number, line,
        RowError{std::move(reason), std::move(column), std::string(value), std::move(text)});
  }

  void check_trailer() {
    if (!trailer_) {
      result_.error =
          IngestError{IngestErrc::unreadable, "the file has no ZPT record: it was cut off"};
    } else if (*trailer_ != records_) {
      result_.error = IngestError{IngestErrc::unreadable,
                                  "the file has " + std::to_string(records_) +
                                      " records, its ZPT record says " + std::to_string(*trailer_)};
    }
  }

  RowContext& context_;
  RejectedRows& rejected_;
  PtfResult result_;
  std::uint64_t records_ = 0;
  bool header_seen_ = false;
  std::optional<std::uint64_t> trailer_;
  std::optional<std::uint8_t> distributor_;
  std::optional<core::LlfcId> llfc_;
  std::optional<std::int32_t> day_;
  int day_periods_ = 0;
  core::LineLossDay factors_{};
  bool any_factor_ = false;
};

}  // namespace

std::optional<std::uint8_t> distributor_of_participant(std::string_view participant) {
  for (const auto& [id, number] : participants)
    if (id == participant) return number;
  return std::nullopt;
}

PtfResult read_ptf(LineReader& lines, RowContext& context, RejectedRows& rejected) {
  return PtfReader(context, rejected).run(lines);
}

}  // namespace hhgrid::net
