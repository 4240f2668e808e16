#include "actors/host/reply.hpp"

namespace hhgrid::actors {

std::string_view to_string(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::accepted:
      return "accepted";
    case Reply::Kind::unchanged:
      return "unchanged";
    case Reply::Kind::refused:
      return "refused";
    case Reply::Kind::failed:
      return "failed";
  }
  return "";
}

}  // namespace hhgrid::actors
