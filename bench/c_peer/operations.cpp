// libnats: put, get, update, mixed, and compare-and-set on one key.
#include <bench/c_peer/threads.hpp>
#include <bench/c_peer/works.hpp>
#include <bench/key_turns.hpp>

#include <cstring>

namespace kvco::bench::c_peer {
namespace {

std::uint64_t update(const connection& nats, const std::string& key, const std::string& value,
                     std::uint64_t last) {
  std::uint64_t revision = 0;
  check(kvStore_Update(&revision, nats.bucket(), key.c_str(), value.data(), static_cast<int>(value.size()),
                       last),
        "update");
  return revision;
}

void get_checked(const connection& nats, const std::string& key, std::size_t size) {
  const entry found = nats.get(key);
  if (kvEntry_ValueLen(found.get()) != static_cast<int>(size)) throw std::runtime_error("get: another value");
}

// A thread updates a key of its own: no two updates of one key are open at a time.
outcome updates(connection& nats, const task& what, const std::string& value) {
  std::vector<std::uint64_t> last;
  for (std::size_t i = 0; i < max_threads; ++i) last.push_back(nats.put(key_name(i), value));
  return run_threads(what, [&](std::size_t thread, std::size_t) {
    last[thread] = update(nats, key_name(thread), value, last[thread]);
  });
}

outcome contention(connection& nats, const task& what) {
  const std::string key = key_name(0);
  nats.put(key, "0");
  std::atomic<std::size_t> won{0};
  const outcome result = run_threads(what, [&](std::size_t, std::size_t) {
    const entry found = nats.get(key);
    const std::string more = std::to_string(std::stoul(kvEntry_ValueString(found.get())) + 1);
    std::uint64_t revision = 0;
    const natsStatus status = kvStore_Update(&revision, nats.bucket(), key.c_str(), more.data(),
                                             static_cast<int>(more.size()), kvEntry_Revision(found.get()));
    const char* detail = status == NATS_OK ? nullptr : nats_GetLastError(nullptr);
    if (status != NATS_OK && (detail == nullptr || std::strstr(detail, "wrong last sequence") == nullptr)) {
      check(status, "update");
    }
    if (status == NATS_OK) ++won;
  });
  if (std::to_string(won) != kvEntry_ValueString(nats.get(key).get())) {
    throw std::runtime_error("the counter lost an increment");
  }
  return result;
}

}  // namespace

outcome operations(connection& nats, const task& what) {
  const std::string value(what.value, 'v');
  if (what.work == "update") return updates(nats, what, value);
  if (what.work == "contention") return contention(nats, what);
  return run_threads(what, [&](std::size_t, std::size_t number) {
    const std::string key = key_name(number % what.keys);
    if (what.work == "put" || (what.work == "mixed" && is_put_of_mixed(number))) {
      nats.put(key, value);
    } else {
      get_checked(nats, key, what.value);
    }
  });
}

}  // namespace kvco::bench::c_peer
