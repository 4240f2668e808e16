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
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

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
  meter.registrations.push_back({always, core::open_ended, 0, {1, 0}});
  NothingKnown ports;
  MeterEffects effects;
  const auto take = [&](storage::Position position) {
    storage::EntryView view(entry);
    effects.clear();
    turn(meter, read_consumption(view.entry().value()), TurnContext{position, {1'000}, {}}, ports,
         effects);
  };
  take({2, 0});  // the buffers of the block get their memory
  const auto before = allocations;
  for (std::uint32_t index = 3; index < 100; ++index) take({2, index});
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(effects.movements.size(), 1u);
}

}  // namespace
}  // namespace hhgrid::actors::test
