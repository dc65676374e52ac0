// Another NATS client in a process of its own, driven by lines of text.
//
//   make <bucket> <history>     open <bucket>
//   put <key> <hex>             create <key> <hex>        update <key> <last revision> <hex>
//   delete <key>                purge <key>
//   get <key>                   history <key>             keys
//   watch <filter>              next
//
// The JavaScript clients also have:
//
//   codec base64|base64url      of the keys of buckets that are made and opened from then on
//   make <bucket> <history> <seconds of markers>
//   create <key> <hex> <ttl>    purge <key> <ttl>
//   put_object <key> <id>       object <key>              {"Id":<id>}
//
// Each is answered by one line: "ok" with a result, "conflict" (another revision was expected), or "error ...". Entries are
// "revision:PUT|DEL|PURGE:key:hex", revisions of writes numbers, lists sorted (keys) or in order (history).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace kvco::test {

class peer {
 public:
  /// @param program  the path and its arguments
  explicit peer(const std::vector<std::string>& program);
  ~peer();
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  /// The answer, without its "ok ". Throws when none comes in 30 s.
  std::string ask(const std::string& command);

 private:
  int socket_ = -1;
  pid_t pid_ = -1;
  std::string name_, buffer_;
};

}  // namespace kvco::test
