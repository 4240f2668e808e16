#include "net/files/ptf_reader.hpp"

#include <algorithm>
#include <utility>

#include "core/decimal.hpp"
#include "core/text.hpp"
#include "net/files/row_fields.hpp"

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

constexpr int no_period = 0;

/// One or two digits; `no_period` for anything else.
int parse_period(std::string_view text) {
  if (text.size() == 1 && core::is_digit(text[0])) return text[0] - '0';
  if (text.size() != 2 || !core::is_digit(text[0]) || !core::is_digit(text[1])) return no_period;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

/// A factor in thousandths: as kWh with their three decimals, or the exact way with its error.
core::Parsed<std::int64_t> parse_factor(std::string_view text) {
  if (const auto thousandths = parse_kwh(text); thousandths >= 0) return thousandths;
  return core::parse_decimal(text, 3);
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
      if (rejected_.full()) {
        result_.stopped_at = lines.line_number();
        break;
      }
      if (line->empty()) {
        ++result_.empty_lines;
      } else {
        record(*line, lines.line_number());
      }
      if (context_.sink_error()) return result_;
    }
    emit();
    return result_;
  }

 private:
  void record(std::string_view line, std::uint64_t number) {
    // Nearly all records are these.
    if (line.starts_with("SPL|")) {
      ++result_.rows_read;
      factor(line, number);
      return;
    }
    const auto bar = line.find('|');
    const auto type = line.substr(0, bar);
    const auto rest = bar == std::string_view::npos ? std::string_view() : line.substr(bar + 1);
    const auto first = rest.substr(0, rest.find('|'));
    if (type == "SDT") {
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
      day_.reset();
      llfc_.reset();
      distributor_ = distributor_of_participant(first);
      if (!distributor_)
        reject(line, number, "distributor is not known", "DIS", first,
               "no distributor has that market participant id");
    } else if (type != "ZHD" && type != "ZPT") {
      reject(line, number, "record type is not known", "", type,
             "D0265 has ZHD, DIS, LLF, SDT, SPL and ZPT");
    }
  }

  /// `SPL|period|factor`, perhaps with a bar at its end.
  void factor(std::string_view line, std::uint64_t number) {
    constexpr std::size_t begin = 4;
    const auto bar = std::min(line.find('|', begin), line.size());
    const auto period_text = line.substr(begin, bar - begin);
    auto factor_text = line.substr(std::min(bar + 1, line.size()));
    if (factor_text.ends_with('|')) factor_text.remove_suffix(1);
    if (!distributor_ || !llfc_ || !day_) {
      reject(line, number, "no valid distributor, class or date above", "", line,
             "the record has nothing to belong to");
      return;
    }
    const int period = parse_period(period_text);
    if (period < 1 || period > day_periods_) {
      reject(line, number, "settlement period is not valid", "SPL", period_text,
             "that day has the periods 1 to " + std::to_string(day_periods_));
      return;
    }
    const auto factor = parse_factor(factor_text);
    if (!factor || *factor < 1 || *factor > 0xFFFF) {
      reject(line, number, "factor is not valid", "SPL", factor_text,
             factor ? "it must be in 0.001 to 65.535" : factor.error().text);
      return;
    }
    take(static_cast<std::size_t>(period - 1), static_cast<std::uint16_t>(*factor));
  }

  /// What is said a second time of a period becomes an entry of its own: whether it is the same is
  /// for the market partition to judge.
  void take(std::size_t slot, std::uint16_t factor) {
    if (second_[slot] != 0) emit();
    (first_[slot] == 0 ? first_ : second_)[slot] = factor;
    ++result_.rows_accepted;
  }

  void emit() {
    const auto given = [](std::uint16_t factor) { return factor != 0; };
    for (auto* const factors : {&first_, &second_}) {
      if (std::none_of(factors->begin(), factors->end(), given)) continue;
      const storage::LineLosses losses{*distributor_, *llfc_, {*day_}, *factors};
      context_.emit_market(storage::encode_line_losses(losses, context_.scratch()));
      *factors = {};
    }
  }

  void reject(std::string_view line, std::uint64_t number, std::string reason, std::string column,
              std::string_view value, std::string text) {
    const RowError error{std::move(reason), std::move(column), core::excerpt(value),
                         std::move(text)};
    rejected_.add(number, line, {&error, 1});
  }

  RowContext& context_;
  RejectedRows& rejected_;
  PtfResult result_;
  std::optional<std::uint8_t> distributor_;
  std::optional<core::LlfcId> llfc_;
  std::optional<std::int32_t> day_;
  int day_periods_ = 0;
  core::LineLossDay first_{}, second_{};  // of the records so far
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
