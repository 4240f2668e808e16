#pragma once

#include <string>
#include <utility>

#include "net/rpc/answer_codec.hpp"
#include "net/rpc/workers.hpp"

namespace hhgrid::net {

/// Answers a call with what `work` finds on another thread: `tl::expected<T, storage::Error>`.
/// `fill(results, value)` writes it; an error becomes the failure.
template <class Context, class Work, class Fill>
kj::Promise<void> answer(Workers& workers, Context context, Work work, Fill fill) {
  context.releaseParams();
  return workers.run(std::move(work)).then([context, fill = std::move(fill)](auto&& found) mutable {
    auto results = context.getResults();
    if (!found)
      write(found.error(), results.initFailure());
    else
      fill(results, *found);
  });
}

/// The same of work that finds nothing but an error.
template <class Context, class Work>
kj::Promise<void> answer_done(Workers& workers, Context context, Work work) {
  context.releaseParams();
  return workers.run(std::move(work)).then([context](auto&& done) mutable {
    if (!done) write(done.error(), context.getResults().initFailure());
  });
}

/// Answers at once that what is asked for cannot be, with a sentence that names field and value.
template <class Context>
kj::Promise<void> refuse(Context context, const std::string& text) {
  write(storage::Error{storage::Errc::unknown, text}, context.getResults().initFailure());
  return kj::READY_NOW;
}

}  // namespace hhgrid::net
