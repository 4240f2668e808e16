#pragma once

#include "actors/meter/judgement_as_of.hpp"
#include "net/tables/merged_scan.hpp"

namespace hhgrid::net {

/// How a meter partition's versions are judged as of a cut-off: by the registrations and limits
/// that hold then.
struct PartitionJudgement {
  PartitionJudgement(const core::SettlementCalendar& calendar, actors::AsOf cutoff)
      : as_of(std::move(cutoff)), judgement(calendar, terms, limits, as_of) {}
  PartitionJudgement(const PartitionJudgement&) = delete;

  /// Reads what the partition knows.
  tl::expected<void, storage::Error> load(const MeterStores& stores, std::size_t partition);

  actors::TermsTable terms;
  actors::LimitsTable limits;
  actors::AsOf as_of;
  actors::JudgementAsOf judgement;
};

}  // namespace hhgrid::net
