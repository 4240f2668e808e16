#include "actors/meter/meter_register.hpp"

#include "actors/meter/dated_versions.hpp"
#include "actors/meter/day_move.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors {
namespace {

RepeatSubject subject_of(const storage::MeterRegister& message) {
  const auto at = message.installed_at.milliseconds;
  return {RepeatSubject::Kind::meter_register, static_cast<std::int32_t>(at / core::ms_per_utc_day),
          message.mpan, message.quantity,
          storage::KeyWriter()
              .u64(static_cast<std::uint64_t>(at))
              .text(message.meter_id.view())
              .text(message.register_id.view())
              .str()};
}

}  // namespace

void turn(const MeterState& meter, const storage::MeterRegister& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  const RegisterVersion::Key key{message.meter_id, message.register_id, message.quantity,
                                 message.installed_at};
  const auto is_of_key = [&](const RegisterVersion& v) { return v.key == key; };
  const auto same = [&](const RegisterVersion& v) {
    return v.removed_at == message.removed_at && v.maximum_wh == message.maximum_wh &&
           v.role == message.role;
  };
  const RepeatSubject subject = subject_of(message);
  const Told told(meter.registers(), subject, context, ports, is_of_key);
  const auto standing = told.standing(same);
  if (standing == Standing::said_before || standing == Standing::repeats_others)
    return told.leave_unchanged(standing, effects);
  auto& registers = effects.state.emplace(meter).seldom.edit().registers;
  std::uint32_t contradicted_by = 0;
  if (standing == Standing::contradicts) {
    effects.answer = Answer::refused;
    registers = told.contradicted(effects);
    contradicted_by = static_cast<std::uint32_t>(registers.size() + 1);
  }
  registers.push_back({key, message.removed_at, message.maximum_wh, message.role, contradicted_by,
                       context.position});
  move_days(meter, message.mpan, DerivationRule::meter_register, context, ports, effects);
}

}  // namespace hhgrid::actors
