// Names that resolve as a test wants. See the header.
#include <kvco_test/support/faults/scripted_resolver.hpp>

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace kvco::test {
namespace {

constexpr std::chrono::seconds longest_wait{15};

// Either kind of address, as a sockaddr.
union socket_address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socket_address parse(const std::string& text) {
  socket_address address;
  std::memset(&address, 0, sizeof address);
  if (::inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
  } else if (::inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr) == 1) {
    address.v6.sin6_family = AF_INET6;
  } else {
    throw std::invalid_argument("no address: " + text);
  }
  return address;
}

// What freeaddrinfo() gets is the first of `nodes`.
struct answer {
  std::vector<addrinfo> nodes;
  std::vector<socket_address> addresses;
};

answer make_answer(const std::vector<socket_address>& addresses, std::uint16_t port, const addrinfo& hints) {
  answer made;
  for (const socket_address& address : addresses) {
    const int family = address.any.sa_family;
    if (hints.ai_family == AF_UNSPEC || hints.ai_family == family) made.addresses.push_back(address);
  }
  for (socket_address& address : made.addresses) {
    const bool v4 = address.any.sa_family == AF_INET;
    (v4 ? address.v4.sin_port : address.v6.sin6_port) = htons(port);
    addrinfo node{};
    node.ai_family = address.any.sa_family;
    node.ai_socktype = hints.ai_socktype != 0 ? hints.ai_socktype : SOCK_STREAM;
    node.ai_protocol = hints.ai_protocol;
    node.ai_addr = &address.any;
    node.ai_addrlen = v4 ? sizeof address.v4 : sizeof address.v6;
    made.nodes.push_back(node);
  }
  for (std::size_t i = 1; i < made.nodes.size(); ++i) made.nodes[i - 1].ai_next = &made.nodes[i];
  return made;
}

}  // namespace

struct scripted_name::script {
  std::vector<socket_address> addresses;
  int code = EAI_NONAME;
  bool hangs = false;
  int asked = 0, waiting = 0;
};

struct scripted_names {
  static scripted_names& all() {
    static scripted_names names;
    return names;
  }

  template <class Change>
  void say(scripted_name::script& of, Change change) {
    const std::lock_guard lock(mutex);
    of.hangs = false;
    change(of);
    said.notify_all();
  }

  // nullptr: nobody has scripted that name.
  std::shared_ptr<scripted_name::script> find(const char* name) {
    const std::lock_guard lock(mutex);
    const auto found = name != nullptr ? names.find(std::string_view(name)) : names.end();
    return found != names.end() ? found->second : nullptr;
  }

  int ask(scripted_name::script& of, std::uint16_t port, const addrinfo& hints, addrinfo** result) {
    std::unique_lock lock(mutex);
    ++of.asked;
    ++of.waiting;
    const bool told = said.wait_for(lock, longest_wait, [&] { return !of.hangs; });
    --of.waiting;
    if (!told) return EAI_AGAIN;
    if (of.code != 0) return of.code;
    *result = nullptr;
    answer made = make_answer(of.addresses, port, hints);
    if (made.nodes.empty()) return 0;
    *result = made.nodes.data();
    given.emplace(*result, std::move(made));
    return 0;
  }

  // False: it is not ours.
  bool free(const addrinfo* first) {
    const std::lock_guard lock(mutex);
    return given.erase(first) != 0;
  }

  std::mutex mutex;
  std::condition_variable said;
  std::map<std::string, std::shared_ptr<scripted_name::script>, std::less<>> names;
  std::map<const addrinfo*, answer> given;
};

scripted_name::scripted_name(std::string name) : name_(std::move(name)), script_(std::make_shared<script>()) {
  scripted_names& all = scripted_names::all();
  const std::lock_guard lock(all.mutex);
  if (!all.names.emplace(name_, script_).second) throw std::logic_error(name_ + " is scripted twice");
}

scripted_name::~scripted_name() {
  fails(EAI_AGAIN);
  scripted_names& all = scripted_names::all();
  const std::lock_guard lock(all.mutex);
  all.names.erase(name_);
}

std::string scripted_name::url(std::uint16_t port) const {
  return "nats://" + name_ + ":" + std::to_string(port);
}

void scripted_name::resolves_to(const std::vector<std::string>& addresses) {
  std::vector<socket_address> parsed;
  for (const std::string& text : addresses) parsed.push_back(parse(text));
  scripted_names::all().say(*script_, [&](script& it) {
    it.code = 0;
    it.addresses = std::move(parsed);
  });
}

void scripted_name::fails(int code) {
  scripted_names::all().say(*script_, [&](script& it) {
    it.code = code;
    it.addresses.clear();
  });
}

void scripted_name::hangs() {
  scripted_names::all().say(*script_, [](script& it) { it.hangs = true; });
}

int scripted_name::asked() const {
  const std::lock_guard lock(scripted_names::all().mutex);
  return script_->asked;
}

int scripted_name::waiting() const {
  const std::lock_guard lock(scripted_names::all().mutex);
  return script_->waiting;
}

std::size_t unfreed_answers() {
  const std::lock_guard lock(scripted_names::all().mutex);
  return scripted_names::all().given.size();
}

}  // namespace kvco::test

// --- what replaces the system's -----------------------------------------------------------------------------------

// An executable's functions come before those of its shared libraries. The next ones are libc's, or those of a sanitizer,
// which go on to libc's.
extern "C" {

__attribute__((visibility("default"))) int getaddrinfo(const char* name, const char* service,
                                                       const addrinfo* hints, addrinfo** result) {
  auto& all = kvco::test::scripted_names::all();
  if (const auto script = all.find(name)) {
    std::uint16_t port = 0;
    if (service != nullptr) std::from_chars(service, service + std::strlen(service), port);
    return all.ask(*script, port, hints != nullptr ? *hints : addrinfo{}, result);
  }
  static const auto next = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(name, service, hints, result);
}

__attribute__((visibility("default"))) void freeaddrinfo(addrinfo* first) noexcept {
  if (kvco::test::scripted_names::all().free(first)) return;
  static const auto next = reinterpret_cast<decltype(&::freeaddrinfo)>(::dlsym(RTLD_NEXT, "freeaddrinfo"));
  next(first);
}
}
