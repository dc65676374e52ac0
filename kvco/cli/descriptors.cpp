// The descriptors that kvco shares with other processes. See the header.
#include <kvco/cli/descriptors.hpp>

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

namespace kvco::cli {

int opened_again(int descriptor, int access) {
  const int has = ::fcntl(descriptor, F_GETFL) & O_ACCMODE;
  if (has != access && has != O_RDWR) return errno = EBADF, -1;  // it was closed: main.cpp
  struct stat kind {};
  if (::fstat(descriptor, &kind) == 0 && (S_ISFIFO(kind.st_mode) || S_ISCHR(kind.st_mode))) {
    const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    const int again = ::open(path.c_str(), access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again >= 0) return again;
  }
  return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

}  // namespace kvco::cli
