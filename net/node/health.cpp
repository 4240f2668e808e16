#include "net/node/health.hpp"

#include <string_view>

namespace hhgrid::net {

kj::Promise<void> HealthService::request(kj::HttpMethod method, kj::StringPtr url,
                                         const kj::HttpHeaders&, kj::AsyncInputStream&,
                                         Response& response) {
  const bool head = method == kj::HttpMethod::HEAD;
  if (method != kj::HttpMethod::GET && !head)
    return answer(405, "Method Not Allowed", "only GET\n", head, response);
  std::string_view path(url.begin(), url.size());
  path = path.substr(0, path.find('?'));
  if (path == "/livez") return answer(200, "OK", "alive\n", head, response);
  if (path != "/readyz")
    return answer(404, "Not Found", "/livez and /readyz are here\n", head, response);
  return trouble_().then([this, head, &response](std::string&& trouble) {
    if (trouble.empty()) return answer(200, "OK", "ready\n", head, response);
    return answer(503, "Service Unavailable", trouble + "\n", head, response);
  });
}

kj::Promise<void> HealthService::answer(unsigned status, kj::StringPtr reason, std::string text,
                                        bool head, Response& response) {
  kj::HttpHeaders headers(headers_);
  headers.set(kj::HttpHeaderId::CONTENT_TYPE, "text/plain; charset=utf-8");
  auto stream = response.send(status, reason, headers, text.size());
  if (head) return kj::READY_NOW;
  auto kept = kj::heap<std::string>(std::move(text));
  return stream->write(kept->data(), kept->size()).attach(kj::mv(stream), kj::mv(kept));
}

}  // namespace hhgrid::net
