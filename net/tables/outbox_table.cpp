#include "net/tables/outbox_table.hpp"

#include "actors/host/participant_outbox.hpp"
#include "actors/meter/refusal_message.hpp"
#include "core/decimal.hpp"
#include "net/tables/period_list.hpp"

namespace hhgrid::net {
namespace {

/// A row for each code of a message, and one for what is allowed again.
class MessageWriter {
 public:
  explicit MessageWriter(TableWriter& out) : out_(out) {}

  void write(storage::PartitionId partition, storage::KeyReader& key,
             schema::ParticipantMessageRecord::Reader record) {
    partition_ = partition;
    participant_ = actors::read_participant(key);
    id_ = actors::read_message_id(key);
    std::visit([&](const auto& message) { write(message); },
               actors::read_participant_message(record));
  }

 private:
  void write(const actors::RefusalMessage& message) {
    const auto row = [&](std::string_view code, std::uint64_t periods) {
      if (periods == 0) return;
      begin_row("reading", "meter/" + message.version.mpan.to_string());
      out_.text(core::to_string(message.version.quantity))
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

  void write(const actors::ContradictedEntry& message) {
    begin_row(to_string(message.kind), message.address);
    out_.blank();
    message.day ? out_.text(core::format_day(*message.day)) : out_.blank();
    out_.text(core::to_string(core::RefusalCode::contradicted))
        .text(period_list(message.periods, " "))
        .text(to_string(message.position))
        .integer(0)
        .end_row();
  }

  void begin_row(std::string_view kind, std::string_view address) {
    out_.text(participant_.view())
        .integer(partition_)
        .text(to_string(id_.position))
        .integer(id_.n)
        .text(kind)
        .text(address);
  }

  TableWriter& out_;
  storage::PartitionId partition_ = 0;
  core::ParticipantId participant_;
  actors::MessageId id_;
};

/// Partition by partition, each in the order in which a participant takes them.
tl::expected<void, storage::Error> write_outbox(const ExportRequest& request, TableWriter& out) {
  MessageWriter writer(out);
  const auto read =
      request.stores.each([&](storage::PartitionId partition, const storage::Store& store) {
        const storage::Store::View view(store);
        return actors::participant_messages.each(view, [&](storage::KeyReader& key, auto record) {
          writer.write(partition, key, record);
        });
      });
  if (!read) return tl::unexpected(read.error());
  return {};
}

}  // namespace

std::vector<ExportTable> outbox_tables() {
  return {
      {.kind = "outbox",
       .columns = {"participant", "partition", "position", "n", "kind", "address",
                   "measurement_quantity", "utc_day", "code", "periods", "version", "version_n"},
       .write = write_outbox},
  };
}

}  // namespace hhgrid::net
