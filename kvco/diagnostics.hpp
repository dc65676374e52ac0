// Details of an operation's end beyond its code.
#pragma once

#include <string>

namespace kvco {

/// Written by an operation just before it completes, where its options name one:
///
///     kvco::diagnostics why;
///     auto [error, rev] = co_await orders.put("order-1", "x", {.diag = &why}, kvco::nothrow);
///     if (error) log(error.message(), why.text, why.server_code, why.sent);
///
/// An error_code has no room for it: message() depends on the code alone.
///
/// \par Lifetimes
/// The object must be valid until the operation completes (of a watch: until the watcher is destroyed).
struct diagnostics {
  std::string
      text{};  ///< the refused input and the rule, or the server's text; empty if the code is all that is known
  /// The err_code of JetStream (e.g. 10071), even if kvco has a name for the error; 0: none.
  int server_code = 0;
  // Of operations that are one request, or one after the other: not of get_many(), put_many(), lists and watches.
  std::string subject{};  ///< of the last request that was written to a connection; empty: none was
  unsigned attempts = 0;  ///< how often one was written, repetitions included
  bool sent = false;      ///< one was: a write may have been stored
};

}  // namespace kvco
