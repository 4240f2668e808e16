#pragma once

#include "net/rpc/schema/grid.capnp.h"
#include "net/rpc/served_grid.hpp"
#include "net/rpc/workers.hpp"

namespace hhgrid::net {

/// What operators may besides looking. The grid and the workers must outlive it.
class OperatorServer final : public rpc::Operator::Server {
 public:
  OperatorServer(const ServedGrid& grid, Workers& workers) : grid_(grid), workers_(workers) {}

  kj::Promise<void> feed(FeedContext context) override;
  kj::Promise<void> run(RunContext context) override;
  kj::Promise<void> release(ReleaseContext context) override;
  kj::Promise<void> closeDay(CloseDayContext context) override;
  kj::Promise<void> replay(ReplayContext context) override;
  kj::Promise<void> take(TakeContext context) override;
  kj::Promise<void> acknowledge(AcknowledgeContext context) override;

 private:
  const ServedGrid& grid_;
  Workers& workers_;
};

}  // namespace hhgrid::net
