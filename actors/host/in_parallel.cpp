#include "actors/host/in_parallel.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "actors/host/fold.hpp"
#include "actors/host/messages.hpp"

namespace hhgrid::actors {

using Done = tl::expected<void, storage::Error>;

Done in_parallel(std::size_t count, std::size_t threads,
                 const std::function<Done(std::size_t)>& work) {
  std::vector<Done> done(count);
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        done[i] = work(i);
      } catch (const StoreFailure& failure) {
        done[i] = tl::unexpected(failure.error);
      } catch (const std::bad_alloc&) {
        done[i] = tl::unexpected(storage::Error{storage::Errc::io,
                                                "there is no memory left; nothing is "
                                                "wrong with what is stored"});
      } catch (...) {
        done[i] = tl::unexpected(
            storage::Error{storage::Errc::damaged, describe_exception(std::current_exception())});
      }
    }
  };
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < std::min(threads, count); ++t) others.emplace_back(take_turns);
  take_turns();
  for (auto& thread : others) thread.join();
  for (auto& result : done)
    if (!result) return result;
  return {};
}

}  // namespace hhgrid::actors
