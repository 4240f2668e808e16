#include "net/tables/standing_refusals.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <kj/exception.h>

#include "actors/standing/standing_refusals.hpp"
#include "core/decimal.hpp"
#include "core/validation/refusal.hpp"
#include "net/tables/provenance.hpp"
#include "storage/store/key.hpp"
#include "storage/store/provenance.hpp"

namespace hhgrid::net {
namespace {

using actors::StandingRow;
using storage::Family;
using storage::Store;

/// Writes what one store has refused.
class Writer {
 public:
  Writer(const Store& store, std::optional<std::int32_t> day, TableWriter& out)
      : view_(store), provenance_(view_), day_(day), out_(out) {}

  tl::expected<void, storage::Error> run() {
    std::optional<storage::Error> failure;
    auto scanned = view_.scan_prefix(Family::actor, actors::standing_refusal_tag,
                                     [&](std::string_view key, std::string_view value) {
                                       auto written = write(key, value);
                                       if (!written) failure = std::move(written.error());
                                       return !failure;
                                     });
    if (!scanned) return tl::unexpected(scanned.error());
    if (failure) return tl::unexpected(*failure);
    return {};
  }

 private:
  tl::expected<void, storage::Error> write(std::string_view key, std::string_view value) {
    actors::StandingRefusals refusals;
    const auto where = view_.path().string() + " actor " + storage::printable_key(key);
    const auto row_key = refusals.add(key, value, where);
    if (!row_key) return tl::unexpected(row_key.error());
    for (const auto& one : refusals.versions()) {
      const storage::Position position = one.first;
      const auto bytes =
          view_.get(Family::actor, *row_key + storage::KeyWriter().position(position).str());
      if (!bytes) return tl::unexpected(bytes.error());
      if (!*bytes)
        return tl::unexpected(storage::Error{storage::Errc::damaged,
                                             where + ": what is refused is not in the store"});
      const auto block = provenance_.of(position);
      if (!block) return tl::unexpected(block.error());
      try {
        write(actors::stored_standing_row(**bytes), refusals.of(position), **block);
      } catch (const kj::Exception& e) {
        return tl::unexpected(
            storage::Error{storage::Errc::damaged, where + ": " + e.getDescription().cStr()});
      } catch (const std::runtime_error& e) {
        return tl::unexpected(storage::Error{storage::Errc::damaged, where + ": " + e.what()});
      }
    }
    return {};
  }

  void write(const StandingRow& row, actors::RowParts parts, const storage::BlockOrigin& block) {
    const auto day = actors::standing_day(row);
    if (day_ && day != day_) return;
    for (std::size_t i = 0; i < core::settlement_periods_max; ++i)
      if (parts >> i & 1) write_part(row, i, day, block);
  }

  void write_part(const StandingRow& row, std::size_t i, std::optional<std::int32_t> day,
                  const storage::BlockOrigin& block) {
    const auto* take = std::get_if<storage::GroupTake>(&row);
    const auto* losses = std::get_if<storage::LineLosses>(&row);
    out_.text(core::to_string(core::RefusalCode::contradicted))
        .text(actors::standing_address(row))
        .blank();
    day ? out_.text(core::format_day(*day)) : out_.blank();
    take || losses ? out_.integer(static_cast<std::int64_t>(i + 1)) : out_.blank();
    take ? out_.decimal(take->take.energy_wh[i], kwh_decimals) : out_.blank();
    write_origin(&block, out_);
    std::string sentence(actors::standing_refusal_sentence);
    if (losses)
      sentence += fmt::format(" Distributor {}, factor {}.{:03}", losses->distributor,
                              losses->thousandths[i] / 1000, losses->thousandths[i] % 1000);
    out_.text(sentence).end_row();
  }

  const Store::View view_;
  storage::Provenance provenance_;
  std::optional<std::int32_t> day_;
  TableWriter& out_;
};

}  // namespace

tl::expected<void, storage::Error> write_standing_refused(const ExportRequest& request,
                                                          TableWriter& out) {
  const auto stores = request.stores;
  for (const auto partition : stores.topology().all()) {
    if (stores.topology().kind(partition) == storage::PartitionKind::meters) continue;
    const auto store = stores.find(partition);
    if (!store) return tl::unexpected(store.error());
    if (*store == nullptr) continue;
    if (auto written = Writer(**store, request.day, out).run(); !written) return written;
  }
  return {};
}

}  // namespace hhgrid::net
