#include "net/simulator/load_curves.hpp"

#include <algorithm>

#include <date/date.h>

namespace hhgrid::net {
namespace {

// Made-up curves with the features that one expects: an evening peak in homes, business hours, dark
// hours, the sun. Thousandths of the yearly mean by half hour.
constexpr Curve home_winter_week = {
    720,  610,  550,  500,  480,  460,  450,  440,  440,  460,  490,  560,  720,  920,  1130, 1280,
    1270, 1180, 1090, 1050, 1020, 1000, 990,  990,  1020, 1020, 980,  950,  960,  1010, 1090, 1240,
    1480, 1760, 1960, 2010, 1990, 1930, 1860, 1790, 1720, 1660, 1590, 1500, 1380, 1230, 1050, 870};
constexpr Curve home_winter_weekend = {
    860,  730,  640,  570,  530,  500,  480,  470,  460,  460,  470,  490,  540,  610,  710,  830,
    980,  1130, 1260, 1360, 1430, 1470, 1500, 1530, 1570, 1560, 1490, 1400, 1340, 1330, 1370, 1450,
    1600, 1780, 1910, 1940, 1920, 1870, 1800, 1730, 1670, 1610, 1550, 1470, 1360, 1220, 1060, 900};
constexpr Curve home_summer_week = {
    590, 510,  460,  430,  410,  400,  390,  390,  390,  410,  450,  530,  660,  780, 860, 890,
    880, 850,  830,  810,  790,  780,  780,  790,  810,  800,  760,  740,  740,  760, 800, 880,
    990, 1110, 1160, 1150, 1110, 1070, 1030, 1010, 1020, 1060, 1110, 1130, 1080, 960, 820, 690};
constexpr Curve home_summer_weekend = {
    700,  600,  530,  480,  450,  430,  420,  410,  410,  410,  420,  440,  480,  540, 620, 710,
    800,  890,  960,  1020, 1070, 1110, 1150, 1190, 1230, 1210, 1130, 1050, 1000, 980, 980, 1000,
    1030, 1060, 1080, 1080, 1060, 1040, 1020, 1010, 1030, 1070, 1110, 1120, 1080, 990, 870, 760};
constexpr Curve work_winter_week = {
    440,  440,  430,  430,  430,  430,  430,  440,  450,  470,  510,  570,  660,  790,  960,  1180,
    1420, 1640, 1800, 1900, 1960, 1990, 2000, 2000, 1980, 1950, 1920, 1910, 1900, 1880, 1850, 1800,
    1720, 1590, 1420, 1220, 1040, 910,  820,  760,  710,  670,  630,  590,  550,  520,  490,  460};
constexpr Curve work_winter_weekend = {430, 430, 420, 420, 420, 410, 410, 410, 410, 410, 420, 430,
                                       440, 460, 490, 530, 580, 640, 690, 730, 760, 780, 790, 790,
                                       780, 770, 750, 740, 730, 720, 710, 710, 710, 700, 680, 650,
                                       620, 590, 570, 550, 530, 510, 500, 480, 470, 460, 450, 440};
constexpr Curve work_summer_week = {
    370,  370,  360,  360,  360,  360,  360,  370,  380,  400,  440,  510,  600,  720,  870,  1060,
    1260, 1430, 1560, 1640, 1690, 1720, 1740, 1750, 1740, 1720, 1700, 1690, 1670, 1640, 1600, 1540,
    1430, 1280, 1110, 940,  810,  720,  660,  620,  590,  560,  540,  510,  480,  450,  420,  390};
constexpr Curve work_summer_weekend = {360, 360, 360, 350, 350, 350, 350, 350, 350, 360, 370, 380,
                                       400, 420, 450, 480, 520, 560, 600, 640, 660, 680, 690, 690,
                                       680, 670, 660, 650, 640, 630, 620, 610, 600, 590, 570, 550,
                                       530, 510, 490, 480, 470, 460, 450, 430, 420, 400, 390, 370};

/// Lamps burn between dusk and dawn: 2.4 times the mean, half while they switch.
constexpr Curve lamps(int off_period, int on_period) {
  Curve curve{};
  for (int p = 1; p <= core::periods_per_utc_day; ++p) {
    const bool dark = p < off_period || p > on_period;
    curve[static_cast<std::size_t>(p - 1)] = dark                                  ? 2400
                                             : (p == off_period || p == on_period) ? 1200
                                                                                   : 0;
  }
  return curve;
}

/// A parabola between sunrise and sunset; from the first to the last period with light.
constexpr Curve sun(int rise_period, int set_period, int noon_value) {
  Curve curve{};
  const int width =
      set_period - rise_period + 2;  // twice the half width, so that nothing is halved
  for (int p = rise_period; p <= set_period; ++p) {
    const int from_noon = 2 * p - rise_period - set_period;
    curve[static_cast<std::size_t>(p - 1)] =
        noon_value * (width * width - from_noon * from_noon) / (width * width);
  }
  return curve;
}

struct YearCurves {
  Curve winter_week, winter_weekend, summer_week, summer_weekend;
};
constexpr std::array<YearCurves, curve_kind_count> curves = {{
    {home_winter_week, home_winter_weekend, home_summer_week, home_summer_weekend},
    {work_winter_week, work_winter_weekend, work_summer_week, work_summer_weekend},
    {lamps(17, 33), lamps(17, 33), lamps(9, 42), lamps(9, 42)},
    {sun(17, 32, 1600), sun(17, 32, 1600), sun(10, 41, 3580), sun(10, 41, 3580)},
}};

/// How much of the winter there is in a month, in 256ths.
constexpr std::array<int, 12> winter_share = {256, 240, 190, 120, 60, 10, 0, 10, 70, 140, 210, 250};

Curve blend(const Curve& winter, const Curve& summer, int share) {
  Curve out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = (winter[i] * share + summer[i] * (256 - share)) / 256;
  return out;
}

Curve blended(CurveKind kind, bool weekend, int share) {
  const YearCurves& of = curves[static_cast<std::size_t>(kind)];
  return weekend ? blend(of.winter_weekend, of.summer_weekend, share)
                 : blend(of.winter_week, of.summer_week, share);
}

// -- bank holidays ------------------------------------------------------------

/// The Gregorian computus (Meeus, Jones and Butcher).
date::sys_days easter_sunday(int year) {
  const int a = year % 19, b = year / 100, c = year % 100;
  const int d = b / 4, e = b % 4, g = (8 * b + 13) / 25;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4, k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 19 * l) / 433;
  const int month = (h + l - 7 * m + 90) / 25;
  const int day = (h + l - 7 * m + 33 * month + 19) % 32;
  return date::sys_days{date::year{year} / month / day};
}

bool is_weekend(date::sys_days day) {
  const date::weekday weekday{day};
  return weekday == date::Saturday || weekday == date::Sunday;
}

}  // namespace

Curve day_curve(CurveKind kind, core::UtcDay day) {
  const date::sys_days date{date::days{day.value}};
  const auto month = static_cast<unsigned>(date::year_month_day{date}.month());
  return blended(kind, is_weekend(date), winter_share[month - 1]);
}

Curve typical_curve(CurveKind kind, bool weekend) { return blended(kind, weekend, 128); }

std::vector<NamedDay> bank_holidays_of(int year) {
  using namespace date;
  const auto y = date::year{year};
  const auto number = [](sys_days day) {
    return static_cast<std::int32_t>(day.time_since_epoch().count());
  };
  std::vector<NamedDay> days;
  // A holiday on a weekend moves to the next working day that is none itself.
  const auto add = [&](sys_days day, const char* name) {
    const auto taken = [&] {
      return std::any_of(days.begin(), days.end(),
                         [&](const NamedDay& d) { return d.day_number == number(day); });
    };
    while (is_weekend(day) || taken()) day += date::days{1};
    days.push_back({number(day), name});
  };
  add(sys_days{y / January / 1}, "New Year's Day");
  add(easter_sunday(year) - date::days{2}, "Good Friday");
  add(easter_sunday(year) + date::days{1}, "Easter Monday");
  add(sys_days{y / May / Monday[1]}, "Early May bank holiday");
  add(sys_days{y / May / Monday[last]}, "Spring bank holiday");
  add(sys_days{y / August / Monday[last]}, "Summer bank holiday");
  // The 25th first only when both move in their order: on a Saturday they go to Monday and Tuesday,
  // on a Sunday Boxing Day keeps Monday and Christmas goes to Tuesday.
  const sys_days christmas{y / December / 25};
  if (weekday{christmas} == Sunday) {
    add(christmas + date::days{1}, "Boxing Day");
    add(christmas, "Christmas Day");
  } else {
    add(christmas, "Christmas Day");
    add(christmas + date::days{1}, "Boxing Day");
  }
  std::sort(days.begin(), days.end(),
            [](const NamedDay& a, const NamedDay& b) { return a.day_number < b.day_number; });
  return days;
}

}  // namespace hhgrid::net
