#pragma once

#include <functional>
#include <string>

#include <kj/compat/http.h>

namespace hhgrid::net {

/// Answers over HTTP how a node is: `/livez` 200 as long as it answers at all; `/readyz` 200 when
/// it can do its work, else 503 with the reason. Only GET and HEAD.
class HealthService final : public kj::HttpService {
 public:
  /// `trouble`: why the node cannot do its work; empty: it can.
  HealthService(const kj::HttpHeaderTable& headers,
                std::function<kj::Promise<std::string>()> trouble)
      : headers_(headers), trouble_(std::move(trouble)) {}

  kj::Promise<void> request(kj::HttpMethod method, kj::StringPtr url,
                            const kj::HttpHeaders& headers, kj::AsyncInputStream& body,
                            Response& response) override;

 private:
  kj::Promise<void> answer(unsigned status, kj::StringPtr reason, std::string text, bool head,
                           Response& response);

  const kj::HttpHeaderTable& headers_;
  std::function<kj::Promise<std::string>()> trouble_;
};

}  // namespace hhgrid::net
