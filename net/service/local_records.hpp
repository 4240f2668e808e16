#pragma once

#include "net/service/grid_records.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::net {

/// The records of stores that this process has open, which must outlive it.
class LocalRecords : public GridRecords {
 public:
  LocalRecords(storage::StoreSet stores, const core::SettlementCalendar& calendar)
      : stores_(std::move(stores)), calendar_(calendar) {}

  tl::expected<std::vector<actors::RunInfo>, storage::Error> runs() override;
  tl::expected<std::optional<actors::RunInfo>, storage::Error> find_run(
      std::string_view id_or_latest) override;
  tl::expected<std::vector<actors::RunInfo>, storage::Error> runs_of_day(
      core::SettlementDay day) override;
  tl::expected<RunSummary, storage::Error> summarise(std::uint32_t run_number) override;
  tl::expected<bool, storage::Error> write_table(const TableRequest& request,
                                                 const Output& output) override;
  tl::expected<actors::AuditReport, storage::Error> audit(std::uint32_t run_number) override;
  tl::expected<actors::CheckReport, storage::Error> check() override;

 private:
  tl::expected<actors::RunInfo, storage::Error> run_of(std::uint32_t number) const;

  storage::StoreSet stores_;
  const core::SettlementCalendar& calendar_;
};

}  // namespace hhgrid::net
