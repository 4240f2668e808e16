#include "actors/meter/turn_reply.hpp"

#include <bit>

#include <fmt/format.h>

#include "core/validation/refusal.hpp"

namespace hhgrid::actors {
namespace {

Reply::Kind kind_of(Answer answer) {
  switch (answer) {
    case Answer::accepted:
      return Reply::Kind::accepted;
    case Answer::unchanged:
      return Reply::Kind::unchanged;
    case Answer::refused:
      break;
  }
  return Reply::Kind::refused;
}

}  // namespace

Reply reply_of(const MeterEffects& effects) {
  if (!effects.contradicted.empty())
    return {Reply::Kind::refused,
            {},
            std::string(core::to_string(core::RefusalCode::contradicted)),
            std::string(core::sentence(core::RefusalCode::contradicted))};
  for (int c = 0; c < core::refusal_code_count; ++c) {
    const auto code = static_cast<core::RefusalCode>(c);
    const auto periods = std::popcount(effects.refused.of(code));
    if (periods == 0) continue;
    const auto kind =
        effects.answer == Answer::accepted ? Reply::Kind::accepted : Reply::Kind::refused;
    return {kind,
            {},
            std::string(core::to_string(code)),
            fmt::format("{} half hours: {}", periods, core::sentence(code))};
  }
  return {kind_of(effects.answer), {}, {}, {}};
}

}  // namespace hhgrid::actors
