#include "actors/query/inspected_meter.hpp"

#include "actors/query/inspection_results.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/entry_codec.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors::inspection {

using storage::Errc;
using storage::Error;
using storage::Family;
using storage::KeyWriter;

namespace {

[[noreturn]] void throw_unknown(core::Mpan mpan) {
  throw ReadFailure(
      Error{Errc::unknown, "meter " + mpan.to_string() + " has no state in this grid"});
}

MeterState read_state(const View& store, core::Mpan mpan) {
  const auto bytes = need(store.get(Family::actor, meter_key(mpan)));
  if (!bytes) throw_unknown(mpan);
  return need(read_meter_record(*bytes, store.path().string() + " meter/" + mpan.to_string()));
}

const storage::Store& store_of(const storage::StoreSet& stores, storage::PartitionId partition,
                               core::Mpan mpan) {
  const auto* const store = need(stores.find(partition));
  if (store == nullptr) throw_unknown(mpan);
  return *store;
}

}  // namespace

InspectedMeter::InspectedMeter(const InspectionSource& source, core::Mpan meter)
    : mpan(meter),
      partition(source.stores.topology().of(meter)),
      calendar(*source.calendar),
      market(source.stores.market()),
      store(store_of(source.stores, partition, meter)),
      provenance(store),
      standing(market, calendar),
      state(read_state(store, meter)),
      stores_(source.stores) {}

const View* InspectedMeter::group(core::GspGroup gsp_group) {
  const auto [known, is_new] = groups_.try_emplace(gsp_group);
  if (is_new) known->second = group_view(stores_, gsp_group);
  return known->second.get();
}

const core::Terms& InspectedMeter::terms(TermsId id) {
  const auto [known, is_new] = terms_.try_emplace(id);
  if (!is_new) return known->second;
  const auto where = store.path().string() + " terms " + std::to_string(id);
  const auto bytes = need(store.get(Family::actor, KeyWriter().tag('t').u32(id).str()));
  if (!bytes) throw ReadFailure(Error{Errc::damaged, where + ": missing"});
  known->second = need(need(storage::read_record<schema::TermsRecord>(
      *bytes, where, [](auto record) { return storage::read_terms(record.getTerms()); })));
  return known->second;
}

void describe_terms(const core::Terms& terms, Json& out) {
  std::string distributor = std::to_string(terms.distributor);
  if (distributor.size() < 2) distributor.insert(0, 1, '0');
  out["direction"] = core::to_string(terms.direction);
  out["gsp_group_id"] = id_json(terms.gsp_group);
  out["distributor_id"] = distributor;
  out["supplier_id"] = id_json(terms.supplier);
  out["bmu_id"] = id_json(terms.bmu);
  out["llfc_id"] = id_json(terms.llfc);
  out["duos_tariff_id"] = id_json(terms.duos_tariff);
  out["market_segment"] = core::to_string(terms.segment);
  out["connection_type"] = core::to_string(terms.connection);
  out["domestic"] = terms.domestic;
  out["energisation"] = terms.energised ? "E" : "D";
  out["data_service_id"] = id_json(terms.data_service);
}

}  // namespace hhgrid::actors::inspection
