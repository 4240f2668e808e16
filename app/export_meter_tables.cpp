#include <bit>

#include <fmt/format.h>

#include "actors/meter/versions.hpp"
#include "app/export_tables.hpp"
#include "app/merged_scan.hpp"
#include "app/meter_defaults.hpp"
#include "app/provenance.hpp"
#include "core/decimal.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::app {
namespace {

using net::TableWriter;
using storage::ConsumptionDay;
using storage::Family;

/// When a UTC period (index from 0) ends.
std::string period_end_text(std::int32_t utc_day, int index) {
  return core::format_instant({utc_day * core::ms_per_utc_day + (index + 1) * core::ms_per_period});
}

// -- consumption ----------------------------------------------------------------------------------

/// Writes the versions of meter-days: all of them, or what counts of each day.
class ConsumptionWriter {
 public:
  ConsumptionWriter(const ExportRequest& request, const Provenance& provenance, TableWriter& out)
      : request_(request), provenance_(provenance), out_(out) {}

  void take(std::size_t partition, const actors::VersionKey& key, const ConsumptionDay& version) {
    if (!current_ || current_->day != key.day || current_->mpan != key.mpan ||
        current_->quantity != key.quantity)
      finish_day();
    current_ = key;
    partition_ = partition;
    for (std::uint64_t rest = version.present; rest != 0; rest &= rest - 1) {
      const auto index = static_cast<std::size_t>(std::countr_zero(rest));
      counting_[index] = versions_.size();
    }
    present_ |= version.present;
    versions_.emplace_back(key.position, version);
    if (request_.all_versions) {
      write_periods(version.present, [&](int) { return versions_.size() - 1; });
      versions_.clear();
      present_ = 0;
    }
  }

  void finish_day() {
    if (current_)
      write_periods(present_,
                    [&](int index) { return counting_[static_cast<std::size_t>(index)]; });
    versions_.clear();
    present_ = 0;
    current_.reset();
  }

 private:
  template <class VersionOf>
  void write_periods(std::uint64_t periods, VersionOf&& version_of) {
    for (std::uint64_t rest = periods; rest != 0; rest &= rest - 1) {
      const int index = std::countr_zero(rest);
      const auto& [position, version] = versions_[version_of(index)];
      write_period(index, position, version);
    }
  }

  void write_period(int index, storage::Position position, const ConsumptionDay& version) {
    const auto i = static_cast<std::size_t>(index);
    out_.text(version.mpan.to_string())
        .text(core::to_string(version.quantity))
        .text(period_end_text(version.day.value, index))
        .decimal(version.energy_wh[i], kwh_decimals)
        .text(core::to_string(version.quality_of(index + 1)));
    if (version.detail && version.detail->estimation_reasons[i] != 0) {
      out_.integer(version.detail->estimation_reasons[i]);
    } else {
      out_.blank();
    }
    if (version.detail && version.detail->amendment_reasons[i] != 0) {
      out_.text({&version.detail->amendment_reasons[i], 1});
    } else {
      out_.blank();
    }
    out_.text(to_string(position));
    if (const auto* block = provenance_.find(partition_, position)) {
      out_.text(core::format_instant(block->received_at)).text(block->source);
    } else {
      out_.blank().blank();
    }
    out_.end_row();
  }

  const ExportRequest& request_;
  const Provenance& provenance_;
  TableWriter& out_;
  std::optional<actors::VersionKey> current_;
  std::size_t partition_ = 0;
  std::uint64_t present_ = 0;
  std::array<std::size_t, core::periods_per_utc_day> counting_{};  // which of versions_ counts
  std::vector<std::pair<storage::Position, ConsumptionDay>> versions_;
};

Result<void> write_consumption(const ExportRequest& request, TableWriter& out) {
  const MeterStores stores(request.grid);
  auto provenance = Provenance::load(stores);
  if (!provenance) return tl::unexpected(provenance.error());
  std::vector<actors::AsOf> as_of(stores.size());
  if (request.as_of)
    for (std::size_t partition = 0; partition < stores.size(); ++partition)
      as_of[partition] = provenance->as_of(partition, *request.as_of);
  ConsumptionWriter writer(request, *provenance, out);
  std::optional<Failure> failure;
  const std::string prefix =
      request.day ? actors::version_day_prefix(core::UtcDay{*request.day}) : std::string();
  auto scanned = stores.scan_prefix(
      Family::consumption, prefix,
      [&](std::size_t partition, std::string_view bytes, std::string_view value) {
        const std::string& where = stores.where(partition);
        const auto key = actors::read_version_key(bytes, where);
        if (!key) return failure = failure_of(key.error()), false;
        if (!as_of[partition].holds(key->position)) return true;
        const auto version = actors::read_version(*key, value, where);
        if (!version) return failure = failure_of(version.error()), false;
        writer.take(partition, *key, *version);
        return true;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  writer.finish_day();
  return {};
}

}  // namespace

Result<void> write_defaults(const ExportRequest& request, net::TableWriter& out) {
  const std::string run_id = request.run->id();
  return for_each_default(MeterStores(request.grid), request.run->number,
                          [&](const MeterDefault& value) {
                            out.text(run_id)
                                .text(fmt::format("{:013}", value.mpan))
                                .text(core::to_string(value.quantity))
                                .text(period_end_text(value.utc_day.value, value.period_index))
                                .decimal(value.energy_wh, kwh_decimals)
                                .text({&value.load_shape_flag, 1})
                                .end_row();
                          });
}

std::vector<ExportTable> meter_tables() {
  return {
      {"consumption",
       {"mpan", "measurement_quantity", "period_end_utc", "kwh", "quality", "estimation_reason",
        "amendment_reason", "version", "received_at", "source"},
       false,
       write_consumption,
       true,
       true},
  };
}

}  // namespace hhgrid::app
