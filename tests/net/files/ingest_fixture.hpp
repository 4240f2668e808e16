#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "net/files/ingest.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_codec.hpp"
#include "tests/storage/disk/scratch_directory.hpp"

namespace hhgrid::net {

/// A folder of its own to write files into.
class TemporaryFolder : public tests::TemporaryDirectory {
 public:
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    auto file = path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Ingests into a list of blocks.
class IngestFixture : public ::testing::Test {
 protected:
  inline static const storage::Topology topology{4};

  struct Delivered {
    storage::PartitionId partition;
    storage::Block block;
  };

  IngestSummary ingest(const std::filesystem::path& path, const IngestOptions& options = {}) {
    IngestSession session({.topology = topology,
                           .block_entries_max = 4096,
                           .block_bytes_max = 1 << 20,
                           .clock = [] { return core::Instant{1'700'000'000'000}; }},
                          [this](storage::PartitionId partition,
                                 storage::Block block) -> tl::expected<void, storage::Error> {
                            if (fail_) return tl::unexpected(*fail_);
                            delivered_.push_back({partition, std::move(block)});
                            return {};
                          });
    return ingest_path(path, options, session);
  }

  /// Writes one file and ingests it.
  FileSummary ingest_text(const std::string& name, std::string_view text,
                          const IngestOptions& options = {}) {
    auto summary = ingest(folder_.write(name, text), options);
    EXPECT_EQ(summary.files.size(), 1u);
    return summary.files.empty() ? FileSummary() : summary.files.front();
  }

  /// Every entry delivered, decoded; those of other kinds are a failure.
  template <class T>
  std::vector<T> decoded(tl::expected<T, storage::Error> (*decode)(schema::Entry::Reader)) const {
    std::vector<T> values;
    for (const auto& delivered : delivered_) {
      const storage::BlockView block(delivered.block);
      EXPECT_FALSE(block.error());
      for (const auto words : block.entries()) {
        storage::EntryView view(words);
        auto value = decode(*view.entry());
        EXPECT_TRUE(value) << value.error().text;
        if (value) values.push_back(std::move(*value));
      }
    }
    return values;
  }

  /// Expects the only row of a file to be rejected for `reason` with `column` and `value`.
  void expect_rejected(const FileSummary& summary, const std::string& reason,
                       const std::string& column, const std::string& value) {
    ASSERT_FALSE(summary.error) << summary.error->text;
    ASSERT_EQ(summary.rows_rejected, 1u);
    ASSERT_EQ(summary.rejections.size(), 1u);
    EXPECT_EQ(summary.rejections[0].error.reason, reason);
    EXPECT_EQ(summary.rejections[0].error.column, column);
    EXPECT_EQ(summary.rejections[0].error.value, value);
    EXPECT_EQ(summary.rejected_by_reason.at(reason), 1u);
  }

  TemporaryFolder folder_;
  std::vector<Delivered> delivered_;
  std::optional<storage::Error> fail_;
};

}  // namespace hhgrid::net
