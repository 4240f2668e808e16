#include "storage/store/store_log.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

#include <rocksdb/env.h>
#include <spdlog/spdlog.h>

namespace hhgrid::storage {
namespace {

class StoreLog : public rocksdb::Logger {
 public:
  explicit StoreLog(std::string path)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(std::move(path)) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (!spdlog::should_log(spdlog::level::debug)) return;
    std::array<char, 1024> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    spdlog::debug("store {}: {}", path_, line.data());
  }

 private:
  std::string path_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> make_store_log(std::string path) {
  return std::make_shared<StoreLog>(std::move(path));
}

}  // namespace hhgrid::storage
