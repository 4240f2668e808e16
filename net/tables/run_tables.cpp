#include "net/tables/run_tables.hpp"

#include <map>

#include <fmt/format.h>

#include "core/decimal.hpp"
#include "net/tables/group_stores.hpp"
#include "net/tables/meter_tables.hpp"

namespace hhgrid::net {
namespace {

using actors::RunInfo;
using View = storage::Store::View;

constexpr int mwh_decimals = 6, factor_decimals = 9;

View market_view(const ExportRequest& request) { return View(request.stores.market()); }

/// run_id, settlement_date, settlement_code, run_number.
TableWriter& run_columns(TableWriter& out, const RunInfo& run) {
  return out.text(run.id())
      .text(core::format_day(run.day.value))
      .text(core::to_string(run.code))
      .integer(run.number);
}

int period_count(const ExportRequest& request) {
  return request.calendar.period_count(request.run->day);
}

tl::expected<void, storage::Error> write_bmu_volumes(const ExportRequest& request,
                                                     TableWriter& out) {
  const RunInfo& run = *request.run;
  const int periods = period_count(request);
  return for_each_group(request.stores, [&](const View& view, core::GspGroup group) {
    return actors::for_each_bmu_volume(view, run, group, [&](const actors::BmuVolumeRow& row) {
      for (int i = 0; i < periods; ++i) {
        const auto import_wh = row.volume.import_wh[static_cast<std::size_t>(i)];
        const auto export_wh = row.volume.export_wh[static_cast<std::size_t>(i)];
        run_columns(out, run)
            .text(row.gsp_group.to_string())
            .text(row.volume.supplier.view())
            .text(row.volume.bmu.view())
            .integer(i + 1)
            .decimal(import_wh, mwh_decimals)
            .decimal(export_wh, mwh_decimals)
            .decimal(import_wh - export_wh, mwh_decimals)
            .end_row();
      }
      return true;
    });
  });
}

tl::expected<void, storage::Error> write_components(const ExportRequest& request,
                                                    TableWriter& out) {
  const RunInfo& run = *request.run;
  const int periods = period_count(request);
  return for_each_group(request.stores, [&](const View& view, core::GspGroup) {
    return actors::for_each_component(view, run.number, [&](const actors::ComponentRow& row) {
      const core::Component& component = row.component;
      for (int i = 0; i < periods; ++i)
        run_columns(out, run)
            .text(row.gsp_group.to_string())
            .text(component.supplier.view())
            .text(component.bmu.view())
            .integer(component.ccc_id)
            .text(core::to_string(component.indicator))
            .integer(i + 1)
            .integer(component.msid_count)
            .decimal(component.uncorrected_wh[static_cast<std::size_t>(i)], mwh_decimals)
            .decimal(component.corrected_wh[static_cast<std::size_t>(i)], mwh_decimals)
            .end_row();
      return true;
    });
  });
}

tl::expected<void, storage::Error> write_factors(const ExportRequest& request, TableWriter& out) {
  const RunInfo& run = *request.run;
  const int periods = period_count(request);
  return for_each_group(request.stores, [&](const View& view, core::GspGroup) {
    return actors::for_each_factor(view, run.number, [&](const actors::FactorRow& row) {
      for (int i = 0; i < periods; ++i) {
        const auto p = static_cast<std::size_t>(i);
        out.text(run.id())
            .text(core::format_day(run.day.value))
            .text(core::to_string(run.code))
            .text(row.gsp_group.to_string())
            .integer(i + 1)
            .decimal(row.group_take_wh[p], mwh_decimals)
            .decimal(row.uncorrected_wh[p], mwh_decimals)
            .decimal(row.gcf_import[p], factor_decimals)
            .decimal(row.gcf_export[p], factor_decimals)
            .decimal(row.residual_wh[p], mwh_decimals)
            .end_row();
      }
      return true;
    });
  });
}

/// The supplier's units in the group added up: `arithmetic.md` 7.
tl::expected<void, storage::Error> write_deemed_takes(const ExportRequest& request,
                                                      TableWriter& out) {
  const RunInfo& run = *request.run;
  const int periods = period_count(request);
  std::map<std::pair<core::GspGroup, core::SupplierId>, core::PeriodEnergy> takes;
  auto read = for_each_group(request.stores, [&](const View& view, core::GspGroup group) {
    return actors::for_each_bmu_volume(view, run, group, [&](const actors::BmuVolumeRow& row) {
      auto& take = takes[{row.gsp_group, row.volume.supplier}];
      for (std::size_t i = 0; i < take.size(); ++i)
        take[i] += row.volume.import_wh[i] - row.volume.export_wh[i];
      return true;
    });
  });
  if (!read) return read;
  for (const auto& [key, take] : takes)
    for (int i = 0; i < periods; ++i)
      run_columns(out, run)
          .text(key.first.to_string())
          .text(key.second.view())
          .integer(i + 1)
          .decimal(take[static_cast<std::size_t>(i)], mwh_decimals)
          .end_row();
  return {};
}

tl::expected<void, storage::Error> write_duos(const ExportRequest& request, TableWriter& out) {
  const RunInfo& run = *request.run;
  const int periods = period_count(request);
  return for_each_group(request.stores, [&](const View& view, core::GspGroup) {
    return actors::for_each_duos_volume(view, run.number, [&](const actors::DuosVolume& row) {
      for (int i = 0; i < periods; ++i) {
        const auto p = static_cast<std::size_t>(i);
        run_columns(out, run)
            .text(row.gsp_group.to_string())
            .text(fmt::format("{:02}", row.distributor))
            .text(row.supplier.view())
            .text(row.duos_tariff.view())
            .text(core::to_string(row.direction))
            .boolean(row.domestic)
            .integer(i + 1)
            .decimal(row.uncorrected_wh[p], mwh_decimals)
            .integer(row.energised_count)
            .integer(row.de_energised_count)
            .decimal(row.actual_wh[p], mwh_decimals)
            .decimal(row.uncorrected_wh[p] - row.actual_wh[p], mwh_decimals)
            .end_row();
      }
      return true;
    });
  });
}

// -- load shapes ----------------------------------------------------------------------------------

/// utc_day, run_number and the group's five columns.
TableWriter& shape_columns(TableWriter& out, const RunInfo& run, const actors::GroupDayShape& row) {
  out.text(core::format_day(row.day.value))
      .integer(run.number)
      .text(row.group.gsp_group.to_string())
      .text(core::to_string(row.group.connection))
      .text(core::to_string(row.group.segment));
  if (row.group.domestic) {
    out.boolean(*row.group.domestic);
  } else {
    out.blank();
  }
  return out.text(core::to_string(row.group.quantity));
}

tl::expected<void, storage::Error> write_load_shapes(const ExportRequest& request,
                                                     TableWriter& out) {
  const RunInfo& run = *request.run;
  const View view = market_view(request);
  return actors::for_each_shape(view, run.number, [&](const actors::GroupDayShape& row) {
    for (std::size_t i = 0; i < row.shape.energy_wh.size(); ++i) {
      const char flag = static_cast<char>(row.shape.flag[i]);
      shape_columns(out, run, row)
          .integer(static_cast<std::int64_t>(i) + 1)
          .decimal(row.shape.energy_wh[i], kwh_decimals)
          .text({&flag, 1})
          .integer(row.shape.count[i])
          .end_row();
    }
    return true;
  });
}

tl::expected<void, storage::Error> write_load_shape_totals(const ExportRequest& request,
                                                           TableWriter& out) {
  const RunInfo& run = *request.run;
  const View view = market_view(request);
  return actors::for_each_shape(view, run.number, [&](const actors::GroupDayShape& row) {
    shape_columns(out, run, row);
    const core::Shape& shape = row.shape;
    for (const auto total :
         {shape.day_total, shape.day_peak, shape.day_off_peak, shape.rolling_7_day,
          shape.rolling_7_day_peak, shape.rolling_7_day_off_peak, shape.rolling_annual})
      out.decimal(total, kwh_decimals);
    out.end_row();
    return true;
  });
}

/// Of a refused run first why it was refused: what stopped it may not be an exception.
tl::expected<void, storage::Error> write_exceptions(const ExportRequest& request,
                                                    TableWriter& out) {
  if (request.run->status == actors::RunStatus::REFUSED)
    out.text(request.run->id())
        .text("refused")
        .text(request.run->id())
        .blank()
        .text(request.run->reason)
        .end_row();
  const View view = market_view(request);
  return actors::for_each_exception(
      view, request.run->number, [&](const core::Exception& exception) {
        out.text(request.run->id()).text(exception.kind).text(exception.subject);
        if (exception.period == 0) {
          out.blank();  // the whole day
        } else {
          out.integer(exception.period);
        }
        out.text(exception.text).end_row();
        return true;
      });
}

std::vector<std::string> with_run(std::vector<std::string> columns) {
  columns.insert(columns.begin(),
                 {"run_id", "settlement_date", "settlement_code", "run_number", "gsp_group_id"});
  return columns;
}

std::vector<std::string> with_shape_group(std::vector<std::string> columns) {
  columns.insert(columns.begin(), {"utc_day", "run_number", "gsp_group_id", "connection_type",
                                   "market_segment", "domestic", "measurement_quantity"});
  return columns;
}

}  // namespace

std::vector<ExportTable> run_tables() {
  return {
      {.kind = "bmu-volumes",
       .columns = with_run({"supplier_id", "bmu_id", "settlement_period", "import_mwh",
                            "export_mwh", "allocated_mwh"}),
       .write = write_bmu_volumes,
       .of_run = true},
      {.kind = "components",
       .columns = with_run({"supplier_id", "bmu_id", "ccc_id", "indicator", "settlement_period",
                            "msid_count", "uncorrected_mwh", "corrected_mwh"}),
       .write = write_components,
       .of_run = true},
      {.kind = "factors",
       .columns = {"run_id", "settlement_date", "settlement_code", "gsp_group_id",
                   "settlement_period", "group_take_mwh", "uncorrected_mwh", "gcf_import",
                   "gcf_export", "residual_mwh"},
       .write = write_factors,
       .of_run = true},
      {.kind = "deemed-takes",
       .columns = with_run({"supplier_id", "settlement_period", "deemed_take_mwh"}),
       .write = write_deemed_takes,
       .of_run = true},
      {.kind = "duos",
       .columns = with_run({"distributor_id", "supplier_id", "duos_tariff_id", "direction",
                            "domestic", "settlement_period", "uncorrected_mwh", "energised_count",
                            "de_energised_count", "actual_mwh", "estimated_mwh"}),
       .write = write_duos,
       .of_run = true},
      {.kind = "defaults",
       .columns = {"run_id", "mpan", "measurement_quantity", "period_end_utc", "kwh",
                   "load_shape_flag"},
       .write = write_defaults,
       .of_run = true},
      {.kind = "load-shapes",
       .columns = with_shape_group({"utc_period", "kwh", "flag", "count"}),
       .write = write_load_shapes,
       .of_run = true},
      {.kind = "load-shape-totals",
       .columns =
           with_shape_group({"day_total", "day_peak", "day_off_peak", "rolling_7_day",
                             "rolling_7_day_peak", "rolling_7_day_off_peak", "rolling_annual"}),
       .write = write_load_shape_totals,
       .of_run = true},
      {.kind = "exceptions",
       .columns = {"run_id", "kind", "subject", "settlement_period", "text"},
       .write = write_exceptions,
       .of_run = true},
  };
}

}  // namespace hhgrid::net
