#pragma once

#include "net/rpc/schema/grid.capnp.h"
#include "net/rpc/served_grid.hpp"
#include "net/rpc/workers.hpp"

namespace hhgrid::net {

/// What everybody may who may look. The grid and the workers must outlive it.
class ViewerServer final : public rpc::Viewer::Server {
 public:
  ViewerServer(const ServedGrid& grid, Workers& workers) : grid_(grid), workers_(workers) {}

  kj::Promise<void> status(StatusContext context) override;
  kj::Promise<void> inspect(InspectContext context) override;
  kj::Promise<void> runs(RunsContext context) override;
  kj::Promise<void> findRun(FindRunContext context) override;
  kj::Promise<void> summarise(SummariseContext context) override;
  kj::Promise<void> table(TableContext context) override;
  kj::Promise<void> audit(AuditContext context) override;
  kj::Promise<void> check(CheckContext context) override;
  kj::Promise<void> deadLetters(DeadLettersContext context) override;
  kj::Promise<void> drain(DrainContext context) override;

 private:
  const ServedGrid& grid_;
  Workers& workers_;
};

}  // namespace hhgrid::net
