#include "app/export_outbox.hpp"

#include <fmt/format.h>

#include "actors/host/participant_outbox.hpp"
#include "actors/meter/refusal_message.hpp"
#include "app/merged_scan.hpp"
#include "app/period_list.hpp"
#include "core/decimal.hpp"

namespace hhgrid::app {
namespace {

using net::TableWriter;

/// A row for each code of a message, and one for what is allowed again.
class MessageWriter {
 public:
  explicit MessageWriter(TableWriter& out) : out_(out) {}

  void write(std::size_t partition, storage::KeyReader& key,
             schema::ParticipantMessageRecord::Reader record) {
    const auto participant = actors::read_participant(key);
    const auto id = actors::read_message_id(key);
    const auto message = actors::read_refusal_message(record);
    const auto row = [&](std::string_view code, std::uint64_t periods) {
      if (periods == 0) return;
      out_.text(participant.view())
          .integer(static_cast<std::int64_t>(partition))
          .text(to_string(id.position))
          .integer(id.n)
          .text(fmt::format("meter/{:013}", message.version.mpan))
          .text(core::to_string(message.version.quantity))
          .text(core::format_day(message.version.day.value))
          .text(code)
          .text(period_list(periods, " "))
          .text(to_string(message.version.position))
          .integer(message.version.n)
          .end_row();
    };
    for (int c = 0; c < core::refusal_code_count; ++c) {
      const auto code = static_cast<core::RefusalCode>(c);
      row(core::to_string(code), message.refused.of(code));
    }
    row("allowed", message.allowed);
  }

 private:
  TableWriter& out_;
};

/// Partition by partition, each in the order in which a participant takes them.
Result<void> write_outbox(const ExportRequest& request, TableWriter& out) {
  const MeterStores stores(request.grid);
  MessageWriter writer(out);
  for (std::size_t partition = 0; partition < stores.size(); ++partition) {
    const auto read = actors::participant_messages.each(
        stores.view(partition),
        [&](storage::KeyReader& key, auto record) { writer.write(partition, key, record); });
    if (!read) return tl::unexpected(failure_of(read.error()));
  }
  return {};
}

}  // namespace

std::vector<ExportTable> outbox_tables() {
  return {
      {"outbox",
       {"participant", "partition", "position", "n", "address", "measurement_quantity", "utc_day",
        "code", "periods", "version", "version_n"},
       false,
       write_outbox},
  };
}

}  // namespace hhgrid::app
