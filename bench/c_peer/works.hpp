// libnats: handles that free themselves, and one function for each work.
#pragma once

#include <nats/nats.h>
#include <bench/contestant.hpp>
#include <memory>
#include <stdexcept>
#include <string>

namespace kvco::bench::c_peer {

inline void check(natsStatus status, const char* what) {
  if (status == NATS_OK) return;
  const char* detail = nats_GetLastError(nullptr);
  throw std::runtime_error(std::string(what) + ": " + natsStatus_GetText(status) + (detail ? detail : ""));
}

template <auto Destroy>
struct destroyer {
  template <class T>
  void operator()(T* what) const {
    Destroy(what);
  }
};
template <class T, auto Destroy>
using handle = std::unique_ptr<T, destroyer<Destroy>>;
using entry = handle<kvEntry, kvEntry_Destroy>;
using watcher = handle<kvWatcher, kvWatcher_Destroy>;

/// A connection with default settings, and the bucket.
class connection {
 public:
  explicit connection(const std::string& url) {
    if (url.starts_with("ws")) throw not_offered("libnats has no WebSocket");
    natsOptions* made_options = nullptr;
    check(natsOptions_Create(&made_options), "options");
    const handle<natsOptions, natsOptions_Destroy> options(made_options);
    check(natsOptions_SetURL(options.get(), url.c_str()), "URL");
    if (url.starts_with("tls:")) {
      check(natsOptions_SetSecure(options.get(), true), "TLS");
      check(natsOptions_LoadCATrustedCertificates(options.get(), server_authority().c_str()), "authority");
    }
    natsConnection* made = nullptr;
    check(natsConnection_Connect(&made, options.get()), "connect");
    nats_.reset(made);
    jsCtx* context = nullptr;
    check(natsConnection_JetStream(&context, nats_.get(), nullptr), "JetStream");
    context_.reset(context);
    kvStore* store = nullptr;
    check(js_KeyValue(&store, context, std::string(bucket_name).c_str()), "bucket");
    store_.reset(store);
  }
  natsConnection* get() const { return nats_.get(); }
  kvStore* bucket() const { return store_.get(); }

  std::uint64_t put(const std::string& key, const std::string& value) const {
    std::uint64_t revision = 0;
    check(kvStore_Put(&revision, bucket(), key.c_str(), value.data(), static_cast<int>(value.size())), "put");
    return revision;
  }
  entry get(const std::string& key) const {
    kvEntry* found = nullptr;
    check(kvStore_Get(&found, bucket(), key.c_str()), "get");
    return entry(found);
  }
  watcher watch(const std::string& key) const {
    kvWatcher* made = nullptr;
    check(kvStore_Watch(&made, bucket(), key.c_str(), nullptr), "watch");
    return watcher(made);
  }

 private:
  handle<natsConnection, natsConnection_Destroy> nats_;
  handle<jsCtx, jsCtx_Destroy> context_;
  handle<kvStore, kvStore_Destroy> store_;
};

/// The next entry; none at the end of the initial data.
inline entry next(const watcher& from) {
  kvEntry* found = nullptr;
  check(kvWatcher_Next(&found, from.get(), 30'000), "next");
  return entry(found);
}

outcome operations(connection& nats, const task& what);
outcome watch(connection& nats, const task& what);
outcome keys(connection& nats, const task& what);
outcome live(connection& nats, const task& what);
outcome watchers(connection& nats, const task& what);
outcome publish(connection& nats, const task& what);
outcome request(connection& nats, const task& what);
outcome subscribe(connection& nats, const task& what);
outcome command_get(const task& what);  ///< a program that is called with `--get KEY`

}  // namespace kvco::bench::c_peer
