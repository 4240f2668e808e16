#include "config/settings.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "config/settings_table.hpp"

namespace hhgrid::config {
namespace {

const std::filesystem::path shipped_file =
    std::filesystem::path(HHGRID_PROJECT_DIR) / "config" / "hhgrid.toml";

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string error_of(std::string_view text) {
  const auto settings = parse_settings(text, "grid.toml");
  return settings ? "no error" : settings.error().text;
}

TEST(Settings, an_empty_file_gives_the_defaults) {
  const auto settings = parse_settings("", "grid.toml");
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(to_toml(*settings), to_toml(Settings{}));
}

TEST(Settings, an_empty_file_on_disk_gives_the_defaults) {
  const auto file = std::filesystem::path(::testing::TempDir()) /
                    ("empty-settings-" + std::to_string(getpid()) + ".toml");
  std::ofstream(file).flush();
  const auto settings = load_settings(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(to_toml(*settings), to_toml(Settings{}));
}

TEST(Settings, the_shipped_file_gives_the_defaults) {
  const auto settings = load_settings(shipped_file);
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(to_toml(*settings), to_toml(Settings{}));
}

TEST(Settings, the_shipped_file_mentions_every_setting) {
  const auto text = "\n" + read_text(shipped_file);
  for (const auto& setting : all_settings()) {
    EXPECT_NE(text.find("\n" + std::string(setting.key) + " = "), std::string::npos) << setting.key;
  }
}

TEST(Settings, a_file_changes_what_it_mentions_and_nothing_else) {
  const auto settings = parse_settings("[storage]\nmemtable_mib = 32\n", "grid.toml");
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(settings->storage.memtable_mib, 32U);
  EXPECT_EQ(settings->storage.block_cache_mib, Settings{}.storage.block_cache_mib);
  EXPECT_EQ(settings->grid.partitions, 16);
}

TEST(Settings, every_kind_of_value_is_read) {
  const auto settings = parse_settings(
      "[data]\ndirectory = \"/srv/grid\"\n[grid]\npartitions = 256\n[actors]\n"
      "resident_bytes_max = 8589934592\n[correction]\nmethod = \"legacy\"\n"
      "[log]\nlevel = \"debug\"\nfile = \"grid.log\"\n",
      "grid.toml");
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(settings->data.directory, "/srv/grid");
  EXPECT_EQ(settings->grid.partitions, 256);
  EXPECT_EQ(settings->actors.resident_bytes_max, 8589934592U);
  EXPECT_EQ(settings->correction.method, CorrectionMethod::legacy);
  EXPECT_EQ(settings->log.level, LogLevel::debug);
  EXPECT_EQ(settings->log.file, "grid.log");
}

TEST(Settings, what_is_in_force_reads_back_as_the_same) {
  Settings settings;
  settings.data.directory = "a \"quoted\" \\ path";
  settings.grid.partitions = 7;
  settings.correction.method = CorrectionMethod::legacy;
  settings.log.level = LogLevel::off;
  const auto again = parse_settings(to_toml(settings), "grid.toml");
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(to_toml(*again), to_toml(settings));
  EXPECT_EQ(again->data.directory, settings.data.directory);
}

TEST(Settings, a_participant_is_four_capital_letters_or_digits_or_nobody) {
  Settings settings;
  for (const char* text : {"ABCD", "1234", ""}) {
    ASSERT_TRUE(override_setting(settings, std::string("ingest.participant=") + text)) << text;
    EXPECT_EQ(settings.ingest.participant, text);
    EXPECT_EQ(parse_settings(to_toml(settings), "grid.toml")->ingest.participant, text);
  }
  EXPECT_EQ(error_of("[ingest]\nparticipant = \"ABCd\"\n"),
            "grid.toml:2: [ingest] participant = \"ABCd\" must be 4 capital letters or digits, or "
            "\"\".");
}

TEST(Settings, an_unknown_key_is_an_error_that_names_line_and_keys) {
  EXPECT_EQ(error_of("[grid]\n\nslots = 3\n"),
            "grid.toml:3: [grid] slots = 3 is not a setting: must be one of partitions.");
}

TEST(Settings, an_unknown_table_is_an_error_that_names_the_tables) {
  EXPECT_EQ(error_of("[gird]\npartitions = 3\n"),
            "grid.toml:1: gird is not a table of the settings: must be one of data, grid, storage, "
            "actors, ingest, shape, consumption_limits, correction, node, timekeeper, log.");
}

TEST(Settings, a_time_of_day_and_an_address_have_their_forms) {
  for (const char* bad : {"24:00", "10:60", "9:00", "10.00", "ten"})
    EXPECT_NE(error_of(std::string("[timekeeper]\nclose_at = \"") + bad + "\"\n")
                  .find("must be a time of day such as 10:00, or \"\""),
              std::string::npos)
        << bad;
  for (const char* bad : {"8460", ":8460", "localhost:", "localhost:65536", "localhost:1x"})
    EXPECT_NE(error_of(std::string("[node]\nhttp = \"") + bad + "\"\n")
                  .find("must be an address such as 127.0.0.1:8460, or \"\""),
              std::string::npos)
        << bad;
  for (const char* good : {"", "00:00", "23:59"})
    EXPECT_TRUE(
        parse_settings(std::string("[timekeeper]\nclose_at = \"") + good + "\"\n", "good.toml"));
  for (const char* good : {"", "[::1]:0", "node.example:65535"})
    EXPECT_TRUE(parse_settings(std::string("[node]\nhttp = \"") + good + "\"\n", "good.toml"));
}

TEST(Settings, a_table_name_with_a_plain_value_is_an_error) {
  EXPECT_EQ(error_of("grid = 3\n"), "grid.toml:1: grid = 3 must be a table [grid].");
}

TEST(Settings, a_wrong_type_is_an_error_that_shows_the_value) {
  EXPECT_EQ(error_of("[grid]\npartitions = \"16\"\n"),
            "grid.toml:2: [grid] partitions = \"16\" must be a whole number from 1 to 4000.");
  EXPECT_EQ(error_of("[grid]\npartitions = 16.5\n"),
            "grid.toml:2: [grid] partitions = 16.5 must be a whole number from 1 to 4000.");
  EXPECT_EQ(error_of("[data]\ndirectory = 5\n"),
            "grid.toml:2: [data] directory = 5 must be a path in quotes.");
}

TEST(Settings, a_number_out_of_range_is_an_error) {
  EXPECT_EQ(error_of("[grid]\npartitions = 0\n"),
            "grid.toml:2: [grid] partitions = 0 must be a whole number from 1 to 4000.");
  EXPECT_EQ(error_of("[grid]\npartitions = -1\n"),
            "grid.toml:2: [grid] partitions = -1 must be a whole number from 1 to 4000.");
  EXPECT_EQ(error_of("[grid]\npartitions = 4001\n"),
            "grid.toml:2: [grid] partitions = 4001 must be a whole number from 1 to 4000.");
}

TEST(Settings, an_unknown_word_is_an_error_that_lists_the_words) {
  EXPECT_EQ(error_of("[correction]\nmethod = \"export\"\n"),
            "grid.toml:2: [correction] method = \"export\" must be one of \"import_export\", "
            "\"legacy\".");
}

TEST(Settings, every_offence_of_a_file_is_reported) {
  EXPECT_EQ(error_of("[grid]\npartitions = 0\n[log]\nlevel = \"loud\"\n"),
            "grid.toml:2: [grid] partitions = 0 must be a whole number from 1 to 4000.\n"
            "grid.toml:4: [log] level = \"loud\" must be one of \"trace\", \"debug\", \"info\", "
            "\"warn\", \"error\", \"off\".");
}

TEST(Settings, settings_that_contradict_each_other_are_an_error) {
  EXPECT_EQ(error_of("[storage]\njournal_mib_max = 100\n"),
            "grid.toml: [storage] journal_mib_max = 100 must be at least twice "
            "journal_segment_mib = 64.");
}

TEST(Settings, an_off_peak_window_may_go_over_midnight) {
  const auto settings = parse_settings("[shape]\noff_peak_first = 48\noff_peak_last = 13\n", "f");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->shape.off_peak_first, 48U);
}

TEST(Settings, gsp_groups_may_have_off_peak_windows_of_their_own) {
  const auto settings =
      parse_settings("[shape]\noff_peak_groups = \"_N 1-14, _D 48-13\"\n", "grid.toml");
  ASSERT_TRUE(settings) << settings.error().text;
  EXPECT_EQ(settings->shape.off_peak_groups, (PeriodWindows{{"_D", {48, 13}}, {"_N", {1, 14}}}));
  EXPECT_EQ(parse_settings(to_toml(*settings), "again")->shape.off_peak_groups,
            settings->shape.off_peak_groups);
  EXPECT_EQ(error_of("[shape]\noff_peak_groups = \"_D 0-13\"\n"),
            "grid.toml:2: [shape] off_peak_groups = \"_D 0-13\" must be windows of UTC periods by "
            "GSP Group, as in \"_D 48-13, _N 2-15\", or \"\".");
}

TEST(Settings, text_that_is_not_toml_is_an_error_that_names_the_line) {
  EXPECT_EQ(error_of("[grid]\npartitions 16\n").substr(0, 12), "grid.toml:2:");
}

TEST(Settings, a_file_that_cannot_be_read_is_an_error_that_names_it) {
  const auto missing = load_settings("/nowhere/grid.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "/nowhere/grid.toml: there is no such settings file.");
  EXPECT_FALSE(load_settings(HHGRID_PROJECT_DIR));
}

TEST(OverrideSetting, a_number_wins_over_the_file) {
  Settings settings;
  ASSERT_TRUE(override_setting(settings, "storage.memtable_mib=64"));
  EXPECT_EQ(settings.storage.memtable_mib, 64U);
}

TEST(OverrideSetting, a_text_goes_with_or_without_quotes) {
  Settings settings;
  ASSERT_TRUE(override_setting(settings, "correction.method=legacy"));
  EXPECT_EQ(settings.correction.method, CorrectionMethod::legacy);
  ASSERT_TRUE(override_setting(settings, "data.directory=\"a b\""));
  EXPECT_EQ(settings.data.directory, "a b");
  ASSERT_TRUE(override_setting(settings, "data.directory=/srv/2026"));
  EXPECT_EQ(settings.data.directory, "/srv/2026");
  ASSERT_TRUE(override_setting(settings, "data.directory=2026"));
  EXPECT_EQ(settings.data.directory, "2026");
  ASSERT_TRUE(override_setting(settings, "log.file="));
  EXPECT_TRUE(settings.log.file.empty());
}

TEST(OverrideSetting, a_refused_value_changes_nothing_and_says_what_is_allowed) {
  Settings settings;
  const auto done = override_setting(settings, "grid.partitions=many");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().text, "grid.partitions=many: must be a whole number from 1 to 4000.");
  EXPECT_FALSE(override_setting(settings, "storage.journal_mib_max=100"));
  EXPECT_EQ(to_toml(settings), to_toml(Settings{}));
}

TEST(OverrideSetting, an_unknown_name_is_an_error_that_lists_the_names) {
  Settings settings;
  const auto key = override_setting(settings, "grid.slots=3");
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().text, "grid.slots=3: the key must be one of partitions.");
  EXPECT_FALSE(override_setting(settings, "gird.partitions=3"));
  EXPECT_FALSE(override_setting(settings, "partitions=3"));
  EXPECT_FALSE(override_setting(settings, "grid.partitions"));
}

TEST(OverrideSetting, a_value_cannot_smuggle_in_another_setting) {
  Settings settings;
  EXPECT_FALSE(override_setting(settings, "grid.partitions=3\nother = 4"));
  EXPECT_EQ(settings.grid.partitions, 16);
}

}  // namespace
}  // namespace hhgrid::config
