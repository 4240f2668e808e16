#include "actors/meter/meter.hpp"

#include <algorithm>
#include <stdexcept>

#include "storage/store/key.hpp"

namespace hhgrid::actors {

using storage::Errc;
using storage::Error;

std::size_t MeterState::memory_bytes() const {
  std::size_t bytes = sizeof *this;
  if (registrations.capacity() > 1) bytes += registrations.capacity() * sizeof(RegistrationVersion);
  if (annual_consumption.capacity() > 1)
    bytes += annual_consumption.capacity() * sizeof(AnnualConsumptionVersion);
  if (seldom.is_there())
    bytes += sizeof(SeldomState) + registers().capacity() * sizeof(RegisterVersion);
  return bytes;
}

AsOf::AsOf(storage::Position position, core::Instant cutoff, const ReceivedTimes& received)
    : position_(position), cutoff_(cutoff) {
  for (std::size_t i = 0; i < received.size(); ++i) {
    const auto [first, at] = received[i];
    if (first > position || at > cutoff) continue;
    const auto next =
        i + 1 < received.size() ? received[i + 1].first : storage::Position::greatest();
    if (!stretches_.empty() && stretches_.back().second == first)
      stretches_.back().second = next;
    else
      stretches_.emplace_back(first, next);
  }
}

namespace {

/// The registrations that count as of then, by effective_from.
std::vector<const RegistrationVersion*> counting(const MeterState& meter, const AsOf& as_of) {
  std::vector<const RegistrationVersion*> versions;
  for (const auto& version : meter.registrations)
    if (stood(meter.registrations, version, as_of)) versions.push_back(&version);
  // Of each effective_from the one received last comes first, and stays.
  std::sort(versions.begin(), versions.end(), [](const auto* a, const auto* b) {
    return a->from != b->from ? a->from < b->from : a->position > b->position;
  });
  versions.erase(std::unique(versions.begin(), versions.end(),
                             [](const auto* a, const auto* b) { return a->from == b->from; }),
                 versions.end());
  return versions;
}

}  // namespace

std::vector<RegistrationVersion> counting_registrations(const MeterState& meter,
                                                        const AsOf& as_of) {
  std::vector<RegistrationVersion> versions;
  for (const auto* version : counting(meter, as_of)) versions.push_back(*version);
  return versions;
}

const RegistrationVersion* governing_registration(const MeterState& meter, core::SettlementDay day,
                                                  const AsOf& as_of) {
  const RegistrationVersion* latest = nullptr;
  for (const auto& version : meter.registrations) {
    if (day < version.from) continue;
    // They are in journal order: of several with the same effective_from the last counts.
    if (latest != nullptr && version.from < latest->from) continue;
    if (stood(meter.registrations, version, as_of)) latest = &version;
  }
  if (latest == nullptr || day <= latest->to) return latest;
  // It has ended: one that begins before it may last longer. A reading of a meter that has only one
  // allocates nothing.
  if (meter.registrations.size() == 1) return nullptr;
  const auto versions = counting(meter, as_of);
  const auto found = std::find_if(versions.rbegin(), versions.rend(), [&](const auto* version) {
    return version->from <= day && day <= version->to;
  });
  return found == versions.rend() ? nullptr : *found;
}

std::optional<TermsId> governing_terms(const MeterState& meter, core::SettlementDay day,
                                       const AsOf& as_of) {
  const auto* governing = governing_registration(meter, day, as_of);
  return governing == nullptr ? std::nullopt : std::optional(governing->terms);
}

std::vector<TermsSpan> terms_spans(const MeterState& meter, const AsOf& as_of) {
  const auto versions = counting(meter, as_of);
  std::vector<core::SettlementDay> edges;
  for (const auto* version : versions) {
    edges.push_back(version->from);
    if (version->to != core::open_ended) edges.push_back(version->to + 1);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::vector<TermsSpan> spans;
  std::vector<const RegistrationVersion*> begun;  // the last one governs, unless it has ended
  auto next = versions.begin();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    for (; next != versions.end() && (*next)->from <= edges[i]; ++next) begun.push_back(*next);
    while (!begun.empty() && begun.back()->to < edges[i]) begun.pop_back();
    if (begun.empty()) continue;
    const TermsId terms = begun.back()->terms;
    const auto to = i + 1 < edges.size() ? edges[i + 1] - 1 : core::open_ended;
    if (!spans.empty() && spans.back().terms == terms && spans.back().to + 1 == edges[i])
      spans.back().to = to;
    else
      spans.push_back({edges[i], to, terms});
  }
  return spans;
}

std::optional<core::WattHours> annual_consumption(const MeterState& meter, core::UtcDay day,
                                                  const AsOf& as_of) {
  const AnnualConsumptionVersion* best = nullptr;
  for (const auto& version : meter.annual_consumption) {
    if (version.from > day.value || !stood(meter.annual_consumption, version, as_of)) continue;
    if (best == nullptr || version.from >= best->from)
      best = &version;  // journal order: the last received wins
  }
  if (best == nullptr) return std::nullopt;
  return best->energy_wh;
}

std::string meter_key(core::Mpan mpan) {
  return storage::KeyWriter().tag('m').u64(mpan.number()).str();
}

std::string meter_record(const MeterState& meter) {
  storage::RecordBuilder<schema::MeterRecord> record;
  record->setNumber(meter.number);
  record->setFailures(meter.seldom->failures);
  record->setFailedPosition(meter.seldom->failed_position.number());
  auto registrations = record->initRegistrations(static_cast<unsigned>(meter.registrations.size()));
  for (unsigned i = 0; i < registrations.size(); ++i) {
    registrations[i].setEffectiveFrom(meter.registrations[i].from.value);
    registrations[i].setEffectiveTo(meter.registrations[i].to.value);
    registrations[i].setTermsId(meter.registrations[i].terms);
    registrations[i].setPosition(meter.registrations[i].position.number());
    registrations[i].setContradictedBy(meter.registrations[i].contradicted_by);
  }
  auto annual =
      record->initAnnualConsumption(static_cast<unsigned>(meter.annual_consumption.size()));
  for (unsigned i = 0; i < annual.size(); ++i) {
    annual[i].setEffectiveFrom(meter.annual_consumption[i].from);
    annual[i].setEnergyWh(meter.annual_consumption[i].energy_wh);
    annual[i].setQuality(static_cast<std::uint8_t>(meter.annual_consumption[i].quality));
    annual[i].setPosition(meter.annual_consumption[i].position.number());
    annual[i].setContradictedBy(meter.annual_consumption[i].contradicted_by);
  }
  const auto& fitted = meter.registers();
  auto registers = record->initRegisters(static_cast<unsigned>(fitted.size()));
  for (unsigned i = 0; i < registers.size(); ++i) write_register(fitted[i], registers[i]);
  return record.bytes();
}

MeterState read_meter(schema::MeterRecord::Reader record) {
  MeterState meter;
  meter.number = record.getNumber();
  if (record.getFailures() != 0 || record.getFailedPosition() != 0) {
    meter.seldom.edit().failures = record.getFailures();
    meter.seldom.edit().failed_position =
        storage::Position::from_number(record.getFailedPosition());
  }
  for (const auto version : record.getRegistrations())
    meter.registrations.push_back({core::SettlementDay{version.getEffectiveFrom()},
                                   core::SettlementDay{version.getEffectiveTo()},
                                   version.getTermsId(), version.getContradictedBy(),
                                   storage::Position::from_number(version.getPosition())});
  for (const auto& version : meter.registrations)
    if (version.contradicted_by > meter.registrations.size() ||
        (version.is_contradicted() &&
         meter.registrations[version.contradicted_by - 1].from != version.from))
      throw std::runtime_error("a registration is contradicted by none of its effective_from");
  for (const auto version : record.getAnnualConsumption())
    meter.annual_consumption.push_back({version.getEffectiveFrom(),
                                        static_cast<char>(version.getQuality()),
                                        version.getContradictedBy(), version.getEnergyWh(),
                                        storage::Position::from_number(version.getPosition())});
  for (const auto& version : meter.annual_consumption)
    if (version.contradicted_by > meter.annual_consumption.size() ||
        (version.is_contradicted() &&
         meter.annual_consumption[version.contradicted_by - 1u].from != version.from))
      throw std::runtime_error(
          "an annual consumption is contradicted by none of its effective_from");
  if (record.getRegisters().size() > 0)
    meter.seldom.edit().registers = read_registers(record.getRegisters());
  meter.registrations.shrink_to_fit();
  meter.annual_consumption.shrink_to_fit();
  return meter;
}

tl::expected<MeterState, Error> read_meter_record(std::string_view bytes,
                                                  const storage::Where& where) {
  return storage::read_record<schema::MeterRecord>(bytes, where, read_meter);
}

}  // namespace hhgrid::actors
