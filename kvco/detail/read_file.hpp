// A small file -> its text: contexts, credentials and seeds, for the decoders of core/.
#pragma once

#include <kvco/detail/refusal.hpp>
#include <kvco/detail/secret.hpp>
#include <string>

namespace kvco::detail {

struct read_text {
  secret text;
  refusal refused;       // client_error::file_unreadable; its detail names the file and the system's reason
  bool missing = false;  // refused, and the reason is that there is no such file
};

/// Reads a regular file of at most 1 MiB: no file of settings is longer, and a wrong path may lead to a
/// device that never ends.
read_text read_file(const std::string& path);

}  // namespace kvco::detail
