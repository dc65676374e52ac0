// The descriptors that kvco shares with other processes: standard input and standard output.
#pragma once

namespace kvco::cli {

/// A descriptor of the same file that may be set to non-blocking: a pipe or a terminal is opened again, because others share its
/// description, and must not stop to block; anything else is duplicated. `access`: O_RDONLY or O_WRONLY. -1 and errno: it has not this
/// access.
int opened_again(int descriptor, int access);

}  // namespace kvco::cli
