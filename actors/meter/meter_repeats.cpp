#include "actors/meter/meter_repeats.hpp"

#include <stdexcept>

#include "actors/host/fold.hpp"

namespace hhgrid::actors {

using storage::Position;

storage::KeyWriter repeats_key(const RepeatSubject& subject) {
  auto key = repeat_records.key();
  key.tag(static_cast<char>(subject.kind))
      .day(subject.day)
      .u64(subject.mpan.number())
      .u8(static_cast<std::uint8_t>(subject.quantity));
  if (const auto& fitted = subject.fitted)
    key.u64(static_cast<std::uint64_t>(fitted->installed_at.milliseconds))
        .text(fitted->meter_id.view())
        .text(fitted->register_id.view());
  return key;
}

namespace {

std::string record_key(const MeterRepeat& repeat) {
  return repeats_key(repeat.subject).position(repeat.repeat.position).str();
}

}  // namespace

void throw_repeat_of_nothing(const RepeatSubject& subject, const Repeat& repeat) {
  const std::string key = record_key({subject, repeat});
  throw_read_error({storage::Errc::damaged, std::string(to_string(repeat_records.family())) + " " +
                                                storage::printable_key(key) +
                                                ": repeats what is not there"});
}

tl::expected<void, storage::Error> MeterRepeats::load(const storage::Store& store) {
  any_ = false;
  return repeat_records.each(store, [&](storage::KeyReader& key, auto) {
    key.rest();
    any_ = true;
    return false;
  });
}

std::span<const Repeat> MeterRepeats::of(const storage::Store& store,
                                         const RepeatSubject& subject) {
  found_.clear();
  if (!any_) return found_;
  const std::string prefix = repeats_key(subject).str();
  std::map<Position, std::uint64_t> found;
  const auto read = repeat_records.each(store, prefix, [&](storage::KeyReader& key, auto record) {
    const auto split = storage::split_position(key.rest());
    if (!split || split->before.size() + repeat_records.tag().size() != prefix.size())
      throw std::runtime_error("is no key of a repeat");
    found[split->position] = record.getParts();
  });
  if (!read) throw_read_error(read.error());
  for (auto at = changes_.lower_bound(prefix);
       at != changes_.end() && at->first.starts_with(prefix); ++at) {
    const Position position = storage::split_position(at->first)->position;
    if (at->second)
      found[position] = *at->second;
    else
      found.erase(position);
  }
  for (const auto& [position, parts] : found) found_.push_back({position, parts});
  return found_;
}

bool MeterRepeats::has_repeated(storage::BlockNumber began, const RepeatSubject& subject,
                                std::uint32_t meter) const {
  if (began_ != began) return false;
  const auto meters = of_delivery_.find({subject.kind, subject.day, subject.quantity});
  return meters != of_delivery_.end() && meters->second.contains(meter);
}

void MeterRepeats::add(const MeterRepeat& repeat, std::uint32_t meter,
                       std::optional<storage::BlockNumber> began) {
  any_ = true;
  if (began_ != began) of_delivery_.clear();
  began_ = began;
  const auto& subject = repeat.subject;
  if (began) of_delivery_[{subject.kind, subject.day, subject.quantity}].add(meter);
  changes_.insert_or_assign(record_key(repeat), repeat.repeat.parts);
}

void MeterRepeats::erase(const MeterRepeat& repeat) {
  changes_.insert_or_assign(record_key(repeat), std::nullopt);
}

void MeterRepeats::write(storage::Commit& commit) {
  for (const auto& [key, parts] : changes_) {
    if (parts)
      commit.put(repeat_records.family(), key, repeat_record(*parts));
    else
      commit.erase(repeat_records.family(), key);
  }
  changes_.clear();
}

}  // namespace hhgrid::actors
