// A small file -> its text: contexts, credentials and seeds, for the decoders of core/.
#include <kvco/detail/read_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <kvco/detail/concat.hpp>
#include <kvco/detail/printable.hpp>
#include <string_view>
#include <system_error>

namespace kvco::detail {
namespace {

constexpr std::size_t most = 1u << 20;

// POSIX calls, because a stream would leave the text in a buffer that is not overwritten.
struct descriptor {
  int number;
  ~descriptor() {
    if (number >= 0) ::close(number);
  }
};

read_text refuse(const std::string& path, std::string_view why, bool missing = false) {
  return {{}, {client_error::file_unreadable, concat(printable(path), ": ", why)}, missing};
}

read_text refuse_errno(const std::string& path, int number) {
  return refuse(path, std::generic_category().message(number), number == ENOENT);
}

}  // namespace

read_text read_file(const std::string& path) {
  if (path.find('\0') != path.npos) return refuse(path, "has a NUL byte in its name");
  // Without O_NONBLOCK the open of a FIFO waits for its writer.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return refuse_errno(path, errno);
  struct stat about {};
  if (::fstat(file.number, &about) != 0) return refuse_errno(path, errno);
  if (S_ISDIR(about.st_mode)) return refuse_errno(path, EISDIR);
  if (!S_ISREG(about.st_mode)) return refuse(path, "is no regular file");
  if (about.st_size > static_cast<off_t>(most)) return refuse(path, "is over 1 MiB");

  secret text(static_cast<std::size_t>(about.st_size));
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t n = ::read(file.number, text.data() + got, text.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refuse_errno(path, errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  text.shrink(got);
  return {std::move(text), {}, false};
}

}  // namespace kvco::detail
