#include "config/settings_table.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hhgrid::config {

namespace {

constexpr std::uint64_t mib_max = std::uint64_t{1} << 20;  // one tebibyte

/// The largest energy that a reading's half hour can have at all.
constexpr std::uint64_t reading_energy_max_wh = (std::uint64_t{1} << 30) - 1;

constexpr std::array<std::string_view, 2> correction_methods = {"import_export", "legacy"};
constexpr std::array<std::string_view, 2> run_dates_choices = {"start", "ignore"};
constexpr std::array<std::string_view, 6> log_levels = {"trace", "debug", "info",
                                                        "warn",  "error", "off"};

/// The number at `Settings::Section::Member`.
template <auto Section, auto Member>
WholeNumber number(std::uint64_t least, std::uint64_t greatest) {
  return {[](const Settings& s) -> std::uint64_t { return s.*Section.*Member; },
          [](Settings& s, std::uint64_t value) {
            auto& target = s.*Section.*Member;
            target = static_cast<std::remove_reference_t<decltype(target)>>(value);
          },
          least, greatest};
}

template <auto Section, auto Member>
PathText path(bool may_be_empty) {
  return {[](Settings& s) -> std::filesystem::path& { return s.*Section.*Member; }, may_be_empty};
}

template <auto Section, auto Member>
FormText form(bool (*holds)(std::string_view), std::string_view what) {
  return {[](Settings& s) -> std::string& { return s.*Section.*Member; }, holds, what};
}

bool is_digit(char c) { return '0' <= c && c <= '9'; }

bool is_participant(std::string_view text) {
  constexpr std::size_t size = 4;
  return text.size() == size && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || ('A' <= c && c <= 'Z');
         });
}

/// `10:00`
bool is_time_of_day(std::string_view text) {
  constexpr std::string_view shape = "00:00";
  if (text.size() != shape.size() || text[2] != ':') return false;
  for (const std::size_t i : {0, 1, 3, 4})
    if (!is_digit(text[i])) return false;
  return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

/// `127.0.0.1:8460`, `[::1]:0`
bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit) &&
         std::stoul(std::string(port)) <= 65535;
}

template <auto Section, auto Member>
GroupWindows group_windows() {
  return {[](Settings& s) -> PeriodWindows& { return s.*Section.*Member; }};
}

/// The enumerators have to be in the order of the words.
template <auto Section, auto Member>
Choice choice(std::span<const std::string_view> words) {
  return {[](const Settings& s) { return static_cast<std::size_t>(s.*Section.*Member); },
          [](Settings& s, std::size_t index) {
            auto& target = s.*Section.*Member;
            target = static_cast<std::remove_reference_t<decltype(target)>>(index);
          },
          words};
}

using S = Settings;

const std::array<Setting, 31> settings = {{
    {"data", "directory", path<&S::data, &S::Data::directory>(false)},
    // Partition ids have 16 bits, and partition N is the market partition.
    {"grid", "partitions", number<&S::grid, &S::Grid::partitions>(1, 4000)},
    {"storage", "memtable_mib", number<&S::storage, &S::Storage::memtable_mib>(1, 1024)},
    {"storage", "block_cache_mib", number<&S::storage, &S::Storage::block_cache_mib>(1, mib_max)},
    {"storage", "journal_segment_mib",
     number<&S::storage, &S::Storage::journal_segment_mib>(1, 1024)},
    {"storage", "journal_mib_max", number<&S::storage, &S::Storage::journal_mib_max>(2, mib_max)},
    {"storage", "background_threads", number<&S::storage, &S::Storage::background_threads>(1, 256)},
    {"actors", "resident_bytes_max",
     number<&S::actors, &S::Actors::resident_bytes_max>(std::uint64_t{1} << 20,
                                                        std::uint64_t{1} << 44)},
    {"actors", "worker_threads", number<&S::actors, &S::Actors::worker_threads>(0, 1024)},
    {"actors", "batch_entries_max",
     number<&S::actors, &S::Actors::batch_entries_max>(1, std::uint64_t{1} << 16)},
    {"ingest", "rejected_rows_max",
     number<&S::ingest, &S::Ingest::rejected_rows_max>(1, 1000000000000)},
    {"ingest", "rejected_mib_max", number<&S::ingest, &S::Ingest::rejected_mib_max>(1, mib_max)},
    {"ingest", "participant",
     form<&S::ingest, &S::Ingest::participant>(is_participant, "4 capital letters or digits")},
    {"shape", "minimum_sample", number<&S::shape, &S::Shape::minimum_sample>(1, 1000000)},
    {"shape", "like_days_max", number<&S::shape, &S::Shape::like_days_max>(0, 366)},
    {"shape", "off_peak_first", number<&S::shape, &S::Shape::off_peak_first>(1, 48)},
    {"shape", "off_peak_last", number<&S::shape, &S::Shape::off_peak_last>(1, 48)},
    {"shape", "off_peak_groups", group_windows<&S::shape, &S::Shape::off_peak_groups>()},
    {"consumption_limits", "whole_current_wh",
     number<&S::consumption_limits, &S::ConsumptionLimits::whole_current_wh>(
         1, reading_energy_max_wh)},
    {"consumption_limits", "low_voltage_wh",
     number<&S::consumption_limits, &S::ConsumptionLimits::low_voltage_wh>(1,
                                                                           reading_energy_max_wh)},
    {"consumption_limits", "high_voltage_wh",
     number<&S::consumption_limits, &S::ConsumptionLimits::high_voltage_wh>(1,
                                                                            reading_energy_max_wh)},
    {"consumption_limits", "extra_high_voltage_wh",
     number<&S::consumption_limits, &S::ConsumptionLimits::extra_high_voltage_wh>(
         1, reading_energy_max_wh)},
    {"consumption_limits", "unmetered_wh",
     number<&S::consumption_limits, &S::ConsumptionLimits::unmetered_wh>(1, reading_energy_max_wh)},
    {"correction", "method", choice<&S::correction, &S::Correction::method>(correction_methods)},
    {"node", "socket", path<&S::node, &S::Node::socket>(true)},
    {"node", "http",
     form<&S::node, &S::Node::http>(is_address, "an address such as 127.0.0.1:8460")},
    {"timekeeper", "close_at",
     form<&S::timekeeper, &S::Timekeeper::close_at>(is_time_of_day, "a time of day such as 10:00")},
    {"timekeeper", "run_dates",
     choice<&S::timekeeper, &S::Timekeeper::run_dates>(run_dates_choices)},
    {"timekeeper", "catch_up_days_max",
     number<&S::timekeeper, &S::Timekeeper::catch_up_days_max>(1, 400)},
    {"log", "level", choice<&S::log, &S::Log::level>(log_levels)},
    {"log", "file", path<&S::log, &S::Log::file>(true)},
}};

}  // namespace

std::span<const Setting> all_settings() { return settings; }

std::string allowed_values(const Setting& setting) {
  if (const auto* number = std::get_if<WholeNumber>(&setting.kind)) {
    return fmt::format("a whole number from {} to {}", number->least, number->greatest);
  }
  if (const auto* text = std::get_if<PathText>(&setting.kind)) {
    return text->may_be_empty ? "a path in quotes, or \"\"" : "a path in quotes";
  }
  if (const auto* text = std::get_if<FormText>(&setting.kind))
    return fmt::format("{}, or \"\"", text->form);
  if (std::holds_alternative<GroupWindows>(setting.kind))
    return "windows of UTC periods by GSP Group, as in \"_D 48-13, _N 2-15\", or \"\"";
  const auto& words = std::get<Choice>(setting.kind).words;
  return fmt::format("one of \"{}\"", fmt::join(words, "\", \""));
}

}  // namespace hhgrid::config
