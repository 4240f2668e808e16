#include "app/process_start.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace hhgrid::app {

void prepare_process() {
  // In this order: an open takes the lowest descriptor that is free.
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
      static_cast<void>(::open("/dev/null", O_RDWR));  // NOLINT: stays open with the process
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    static_cast<void>(
        setrlimit(RLIMIT_NOFILE, &files));  // what it allows then is asked where it counts
  }
}

}  // namespace hhgrid::app
