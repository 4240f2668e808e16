#include "tests/storage/journal/misbehaving_journal.hpp"

#include <gtest/gtest.h>

#include "storage/journal/local/local_journal.hpp"
#include "tests/storage/journal/journal_contract.hpp"
#include "tests/storage/journal/journal_delivery_contract.hpp"

namespace hhgrid::storage::test {
namespace {

/// The local home, with everything that a home may do around it.
class MisbehavingHome {
 public:
  static constexpr PartitionId partition_count = 4;
  std::unique_ptr<Journal> open() {
    LocalJournalOptions options;
    options.directory = directory_.path() / "journal";
    options.grid_id = {1, 2};
    options.partition_count = partition_count;
    options.segment_bytes = 8 << 10;
    return std::make_unique<MisbehavingJournal>(
        [options]() -> std::unique_ptr<Journal> { return value_of(LocalJournal::open(options)); },
        ++seed_);
  }

 private:
  TemporaryDirectory directory_;
  std::uint64_t seed_ = 0;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Misbehaving, JournalContract, MisbehavingHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Misbehaving, JournalDeliveryContract, MisbehavingHome);

}  // namespace
}  // namespace hhgrid::storage::test
