#include "actors/meter/meter_register.hpp"

#include "actors/meter/dated_versions.hpp"
#include "actors/meter/day_move.hpp"

namespace hhgrid::actors {
void turn(const MeterState& meter, const storage::MeterRegister& message,
          const TurnContext& context, MeterPorts& ports, MeterEffects& effects) {
  const RegisterVersion::Key key{message.meter_id, message.register_id, message.quantity,
                                 message.installed_at};
  const auto is_of_key = [&](const RegisterVersion& v) { return v.key == key; };
  const auto same = [&](const RegisterVersion& v) {
    return v.removed_at == message.removed_at && v.maximum_wh == message.maximum_wh &&
           v.role == message.role;
  };
  const RepeatSubject subject{RepeatSubject::Kind::meter_register, day_fitted(key), message.mpan,
                              message.quantity, key};
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
