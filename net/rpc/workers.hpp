#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <kj/async.h>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

namespace hhgrid::net {

/// Threads that do what waits, so that an event loop does not. Used from the thread of one loop.
class Workers : private kj::TaskSet::ErrorHandler {
 public:
  explicit Workers(std::size_t threads) : pool_(threads), under_way_(*this) {}
  /// Waits for what has begun; what has not is dropped. Work that itself waits for the loop would
  /// be waited for in vain: `idle` goes before.
  ~Workers() noexcept {
    pool_.stop();
    pool_.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Calls `work` on some thread and brings its result, which must not be void, to this one. What
  /// it throws comes too.
  template <class Work>
  kj::Promise<std::invoke_result_t<Work>> run(Work work) {
    return run_on(pool_.get_executor(), std::move(work));
  }
  /// When all work is done.
  kj::Promise<void> idle() { return under_way_.onEmpty(); }

  /// Does one thing after the other, in the order given.
  class Line {
   public:
    explicit Line(Workers& workers) : workers_(workers), strand_(workers.pool_.get_executor()) {}
    template <class Work>
    kj::Promise<std::invoke_result_t<Work>> run(Work work) {
      return workers_.run_on(strand_, std::move(work));
    }

   private:
    Workers& workers_;
    boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  };

 private:
  template <class Executor, class Work>
  kj::Promise<std::invoke_result_t<Work>> run_on(const Executor& executor, Work work) {
    using Result = std::invoke_result_t<Work>;
    auto pair = kj::newPromiseAndCrossThreadFulfiller<Result>();
    auto done = kj::newPromiseAndCrossThreadFulfiller<void>();  // whoever asked may be gone by then
    under_way_.add(kj::mv(done.promise));
    boost::asio::post(executor, [work = std::move(work), fulfiller = kj::mv(pair.fulfiller),
                                 done = kj::mv(done.fulfiller)]() mutable {
      KJ_IF_MAYBE (thrown, kj::runCatchingExceptions([&] { fulfiller->fulfill(work()); }))
        fulfiller->reject(kj::mv(*thrown));
      done->fulfill();
    });
    return kj::mv(pair.promise);
  }

  void taskFailed(kj::Exception&&) override {}  // work that was dropped

  boost::asio::thread_pool pool_;
  kj::TaskSet under_way_;
};

}  // namespace hhgrid::net
