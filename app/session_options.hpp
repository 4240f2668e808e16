#pragma once

#include "config/settings.hpp"
#include "net/ingest/ingest_session.hpp"

namespace hhgrid::app {

/// The limits of ECS1012 by connection type, as the settings say them.
core::MaximumEnergy maximum_energy(const config::Settings& settings);
/// How a session of this program sends, by the settings: stamped with the time now, cut to the
/// second, so that an instant which is exported names the same versions again.
net::SessionOptions session_options(const config::Settings& settings);

}  // namespace hhgrid::app
