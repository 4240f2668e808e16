#include "net/tables/table_list.hpp"

#include <algorithm>
#include <iterator>

#include "net/tables/meter_record_tables.hpp"
#include "net/tables/meter_tables.hpp"
#include "net/tables/outbox_table.hpp"
#include "net/tables/refusal_tables.hpp"
#include "net/tables/run_tables.hpp"

namespace hhgrid::net {

const std::vector<ExportTable>& export_tables() {
  static const std::vector<ExportTable> tables = [] {
    auto all = run_tables();
    for (auto& tables_of : {meter_tables, meter_record_tables, refusal_tables, outbox_tables}) {
      auto tables = tables_of();
      std::move(tables.begin(), tables.end(), std::back_inserter(all));
    }
    return all;
  }();
  return tables;
}

const ExportTable* find_export_table(std::string_view kind) {
  const auto& tables = export_tables();
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const ExportTable& table) { return table.kind == kind; });
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace hhgrid::net
