#include "net/tables/meter_tables.hpp"

#include "actors/meter/versions.hpp"
#include "core/decimal.hpp"
#include "net/tables/merged_scan.hpp"
#include "net/tables/meter_defaults.hpp"
#include "net/tables/partition_judgement.hpp"
#include "net/tables/provenance.hpp"

namespace hhgrid::net {
namespace {

using storage::Family;

/// When a UTC period (index from 0) ends.
std::string period_end_text(std::int32_t utc_day, int index) {
  return core::format_instant({utc_day * core::ms_per_utc_day + (index + 1) * core::ms_per_period});
}

// -- consumption ----------------------------------------------------------------------------------

using Judgements = std::vector<std::unique_ptr<PartitionJudgement>>;  // by partition

/// Writes the versions of meter-days: all of them, or what counts of each day.
class ConsumptionWriter {
 public:
  /// `judgements`: as of a cut-off; none: as it stands.
  ConsumptionWriter(const ExportRequest& request, const Provenance& provenance,
                    const Judgements& judgements, TableWriter& out)
      : request_(request), provenance_(provenance), judgements_(judgements), out_(out) {}

  void take(std::size_t partition, actors::StoredVersion version) {
    if (!versions_.empty() && !versions_.front().key.same_meter_day(version.key)) finish_day();
    partition_ = partition;
    if (request_.all_versions) {
      core::each_period(version.values.present,
                        [&](std::size_t index) { write_period(index, version); });
      return;
    }
    versions_.push_back(std::move(version));
  }

  void finish_day() {
    const auto refused = judgements_.empty()
                             ? actors::refusals(versions_)
                             : judgements_[partition_]->judgement.refusals(versions_);
    std::array<const actors::StoredVersion*, core::periods_per_utc_day> counting{};
    for (std::size_t i = 0; i < versions_.size(); ++i)
      core::each_period(versions_[i].values.present & ~refused[i].all(),
                        [&](std::size_t index) { counting[index] = &versions_[i]; });
    for (std::size_t index = 0; index < counting.size(); ++index)
      if (counting[index] != nullptr) write_period(index, *counting[index]);
    versions_.clear();
  }

 private:
  void write_period(std::size_t i, const actors::StoredVersion& version) {
    const auto& [key, values, refused, judgements, derived] = version;
    const bool reasoned = (values.reasoned >> i & 1) != 0;
    out_.text(key.mpan.to_string())
        .text(core::to_string(key.quantity))
        .text(period_end_text(key.day.value, static_cast<int>(i)))
        .decimal(values.energy_wh[i], kwh_decimals)
        .text(core::to_string(values.quality[i]));
    if (reasoned && values.estimation_reason[i] != 0) {
      out_.integer(values.estimation_reason[i]);
    } else {
      out_.blank();
    }
    if (reasoned && values.amendment_reason[i] != 0) {
      out_.text({&values.amendment_reason[i], 1});
    } else {
      out_.blank();
    }
    out_.text(to_string(key.position));
    if (const auto* block = provenance_.find(partition_, key.position)) {
      out_.text(core::format_instant(block->received_at)).text(block->source);
    } else {
      out_.blank().blank();
    }
    out_.end_row();
  }

  const ExportRequest& request_;
  const Provenance& provenance_;
  const Judgements& judgements_;
  TableWriter& out_;
  std::size_t partition_ = 0;
  std::vector<actors::StoredVersion> versions_;  // of the meter-day in hand
};

tl::expected<void, storage::Error> write_consumption(const ExportRequest& request,
                                                     TableWriter& out) {
  const MeterStores stores(request.stores);
  auto provenance = Provenance::load(stores);
  if (!provenance) return tl::unexpected(provenance.error());
  Judgements judgements;
  for (std::size_t partition = 0; request.as_of && partition < stores.size(); ++partition) {
    judgements.push_back(std::make_unique<PartitionJudgement>(
        request.calendar, provenance->as_of(partition, *request.as_of)));
    if (auto loaded = judgements.back()->load(stores, partition); !loaded) return loaded;
  }
  ConsumptionWriter writer(request, *provenance, judgements, out);
  std::optional<storage::Error> failure;
  const std::string prefix =
      request.day ? actors::version_day_prefix(core::UtcDay{*request.day}) : std::string();
  auto scanned = stores.scan_prefix(
      Family::consumption, prefix,
      [&](std::size_t partition, std::string_view bytes, std::string_view value) {
        const std::string& where = stores.where(partition);
        const auto key = actors::read_version_key(bytes, where);
        if (!key) return failure = key.error(), false;
        if (!judgements.empty() && !judgements[partition]->as_of.holds(key->position)) return true;
        auto version = actors::read_version(*key, value, where);
        if (!version) return failure = version.error(), false;
        writer.take(partition, std::move(*version));
        return true;
      });
  if (!scanned) return scanned;
  if (failure) return tl::unexpected(*failure);
  writer.finish_day();
  return {};
}

}  // namespace

tl::expected<void, storage::Error> write_defaults(const ExportRequest& request, TableWriter& out) {
  const std::string run_id = request.run->id();
  return for_each_default(MeterStores(request.stores), request.run->number,
                          [&](const MeterDefault& value) {
                            out.text(run_id)
                                .text(value.mpan.to_string())
                                .text(core::to_string(value.quantity))
                                .text(period_end_text(value.utc_day.value, value.period_index))
                                .decimal(value.energy_wh, kwh_decimals)
                                .text({&value.load_shape_flag, 1})
                                .end_row();
                          });
}

std::vector<ExportTable> meter_tables() {
  return {
      {.kind = "consumption",
       .columns = {"mpan", "measurement_quantity", "period_end_utc", "kwh", "quality",
                   "estimation_reason", "amendment_reason", "version", "received_at", "source"},
       .write = write_consumption,
       .by_day = true,
       .by_version = true,
       .by_cutoff = true},
  };
}

}  // namespace hhgrid::net
