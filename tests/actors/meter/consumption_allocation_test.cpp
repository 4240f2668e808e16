#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "actors/meter/consumption.hpp"
#include "core/calendar.hpp"
#include "storage/wire/entry_view.hpp"
#include "tests/actors/meter/meter_messages.hpp"

namespace {

thread_local std::size_t allocations = 0;

void* allocate_or_null(std::size_t bytes) noexcept {
  ++allocations;
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void* allocate(std::size_t bytes) {
  if (void* const memory = allocate_or_null(bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_null(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_null(bytes);
}
// Where GCC inlines these but not the others, it takes them for a mismatch.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace hhgrid::actors::test {
namespace {

/// What a host answers while a meter takes readings of days that nothing is known of.
class NothingKnown : public MeterPorts {
 public:
  std::span<const core::UtcDaySpan> spans(core::UtcDay) override { return spans_; }
  const core::Terms& terms(TermsId) override { return terms_; }
  const core::MaximumEnergy* maximum(storage::Position) override { return &maximum_; }
  core::Instant received_at(storage::Position) override { return {}; }
  bool of_one_delivery(storage::Position, storage::Position) override { return false; }
  bool is_of_sender(storage::Position) override { return true; }
  std::span<const Repeat> repeats(const RepeatSubject&, RepeatsOf) override { return {}; }
  core::Instant newest(const Presence::Key&) override { return {}; }
  PeriodMasks masks(const Presence::Key&) override { return {}; }
  std::span<const Presence::Key> days() override { return {}; }
  std::span<const StoredVersion> versions(const Presence::Key&) override { return {}; }

 private:
  core::Terms terms_ = terms_of(core::ConnectionType::whole_current);
  core::MaximumEnergy maximum_;
  std::vector<core::UtcDaySpan> spans_ = FoldGrid::calendar().spans_of(reading_day);
};

TEST(Allocations, APlainReadingNeedsNone) {
  const Entry entry = consumption_entry(meter_mpan(1), reading_day, 500);
  MeterState meter;
  meter.registrations.push_back({always, core::open_ended, 0, 0, {1, 0}});
  NothingKnown ports;
  MeterEffects effects;
  Consumption message(meter_mpan(1));
  const auto take = [&](storage::Position position) {
    storage::EntryView view(entry);
    effects.clear();
    read_consumption(view.entry().value(), message);
    turn(meter, message, TurnContext{position, {1'000}, {}}, ports, effects);
  };
  take({2, 0});  // the buffers of the block get their memory
  const auto before = allocations;
  for (std::uint32_t index = 3; index < 100; ++index) take({2, index});
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(effects.movements.size(), 1u);
}

/// The whole way through a partition: turn, ledger, presence, what is stored. Containers that grow
/// ask for more now and then, but not by the reading.
TEST(Allocations, ABlockWithMorePlainReadingsNeedsHardlyMore) {
  constexpr std::uint64_t few = 1'000, many = 4'000;
  FoldGrid grid(1);
  storage::BlockNumber number = 0;
  const auto append = [&](const std::vector<Entry>& entries) {
    storage::BlockBuilder builder({1'000}, "test");
    for (const Entry& entry : entries) builder.add(entry);
    ++number;
    const storage::JournalBlock block{number, builder.finish({{1, number}, 1})};
    const auto before = allocations;
    EXPECT_TRUE(grid.fold(0).apply(block));
    return allocations - before;
  };
  std::vector<Entry> registrations;
  for (std::uint64_t n = 0; n < many; ++n)
    registrations.push_back(registration_entry(meter_mpan(n), always, core::open_ended,
                                               terms_of(core::ConnectionType::whole_current)));
  append(registrations);
  const auto readings = [](std::uint64_t count, core::UtcDay day) {
    std::vector<Entry> entries;
    for (std::uint64_t n = 0; n < count; ++n)
      entries.push_back(consumption_entry(meter_mpan(n), day, 500));
    return entries;
  };
  append(readings(many, reading_day));  // the buffers of the block get their memory
  const auto of_few = append(readings(few, reading_day + 1)),
             of_many = append(readings(many, reading_day + 2));
  RecordProperty("of_few", static_cast<int>(of_few));
  RecordProperty("of_many", static_cast<int>(of_many));
  EXPECT_LT(of_many, of_few + (many - few) / 50);
}

}  // namespace
}  // namespace hhgrid::actors::test
