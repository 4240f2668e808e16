#include "actors/standing/standing_state.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include <xxhash.h>

#include "actors/standing/standing_row.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

std::string_view as_text(kj::ArrayPtr<const capnp::word> words) {
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

StandingState::Fingerprint fingerprint(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

/// One stored version of a row.
struct Version {
  storage::Position position;
  StandingRow row;
};

StandingRow decode(std::string_view value) {
  const storage::AlignedWords aligned(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  storage::EntryView view(aligned.words());
  const auto entry = view.entry();
  if (!entry) throw TurnFailure(entry.error().text);
  return read_standing(*entry);
}

/// Calls `visit(row key, version, bytes)` for every version up to a position, row by row, each
/// row's in order.
tl::expected<void, Error> for_each_version(
    const storage::Store::View& view, storage::Position up_to,
    const std::function<void(std::string_view, Version, std::string_view)>& visit) {
  std::optional<Error> failure;
  const auto visit_record = [&](std::string_view key, std::string_view value) {
    const auto damaged = [&](std::string_view why) {
      failure = Error{Errc::damaged,
                      "standing data " + storage::printable_key(key) + ": " + std::string(why)};
      return false;
    };
    if (key.size() <= sizeof(storage::Position)) return damaged("the key is too short");
    const std::string_view row_key = key.substr(0, key.size() - sizeof(storage::Position));
    const storage::Position position = storage::KeyReader(key.substr(row_key.size())).position();
    if (position > up_to) return true;
    try {
      StandingRow row = decode(value);
      if (standing_row_key(row) != row_key) return damaged("the row is another one's");
      visit(row_key, {position, std::move(row)}, value);
    } catch (const kj::Exception& e) {
      return damaged(e.getDescription().cStr());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      return damaged(e.what());
    }
    return true;
  };
  auto scanned =
      view.scan_prefix(Family::actor, storage::KeyWriter().tag(standing_tag).str(), visit_record);
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  return {};
}

/// Rows of one table may stand in each other's way, so the order in which they came counts.
void put_in_order(core::StandingData& data, std::vector<Version>& versions) {
  std::sort(versions.begin(), versions.end(),
            [](const Version& a, const Version& b) { return a.position < b.position; });
  for (const Version& version : versions) put(data, version.row);
}

}  // namespace

void StandingState::turn(schema::Entry::Reader entry, kj::ArrayPtr<const capnp::word> bytes,
                         const TurnContext& context, MarketEffects& effects) {
  const StandingRow row = read_standing(entry);
  std::string key = standing_row_key(row);
  const Fingerprint mark = fingerprint(as_text(bytes));
  if (const auto known = newest_.find(key); known != newest_.end() && known->second == mark) {
    ++unchanged_;
    return;
  }
  put(writable(), row);
  newest_.insert_or_assign(key, mark);  // last: a row that cannot be put is not known
  newest_position_ = context.position;
  key += storage::KeyWriter().position(context.position).str();
  effects.put(Family::actor, std::move(key), std::string(as_text(bytes)));
  ++accepted_;
}

core::StandingData& StandingState::writable() {
  if (current_.use_count() > 1) current_ = std::make_shared<core::StandingData>(*current_);
  return *current_;
}

tl::expected<void, Error> StandingState::load(const storage::Store::View& view) {
  std::vector<Version> versions;
  newest_.clear();
  newest_position_ = {};
  constexpr auto all = storage::Position::greatest();
  auto read = for_each_version(view, all,
                               [&](std::string_view key, Version version, std::string_view bytes) {
                                 newest_.insert_or_assign(std::string(key), fingerprint(bytes));
                                 newest_position_ = std::max(newest_position_, version.position);
                                 versions.push_back(std::move(version));
                               });
  if (!read) return read;
  current_ = std::make_shared<core::StandingData>();
  put_in_order(*current_, versions);
  return {};
}

tl::expected<StandingSnapshot, storage::Error> StandingState::as_of(
    storage::Position position, const storage::Store::View& view) const {
  if (newest_position_ <= position) return snapshot();
  auto data = load_standing(view, position);
  if (!data) return tl::unexpected(data.error());
  return std::make_shared<const core::StandingData>(std::move(*data));
}

tl::expected<core::StandingData, Error> load_standing(const storage::Store::View& view,
                                                      storage::Position up_to_position) {
  std::vector<Version> versions;
  auto read = for_each_version(view, up_to_position,
                               [&](std::string_view, Version version, std::string_view) {
                                 versions.push_back(std::move(version));
                               });
  if (!read) return tl::unexpected(read.error());
  core::StandingData data;
  put_in_order(data, versions);
  return data;
}

}  // namespace hhgrid::actors
