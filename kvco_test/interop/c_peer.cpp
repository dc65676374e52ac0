// The C client (libnats) as a peer of the interop tests: commands on stdin, one answer each on stdout (see peer.hpp).
//
//   c_peer URL
#include <nats/nats.h>

#include <algorithm>
#include <iostream>
#include <kvco_test/interop/hex.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using kvco::test::from_hex;
using kvco::test::to_hex;

constexpr std::int64_t patience_ms = 10'000;

struct conflict {};

void check(natsStatus status, jsErrCode error = static_cast<jsErrCode>(0)) {
  if (status == NATS_OK) return;
  const char* text = nats_GetLastError(nullptr);
  const std::string what = std::string(natsStatus_GetText(status)) + ": " + (text != nullptr ? text : "");
  if (error == 10071 || error == 10164 || what.find("10071") != std::string::npos ||
      what.find("10164") != std::string::npos || what.find("wrong last sequence") != std::string::npos) {
    throw conflict();
  }
  throw std::runtime_error(what);
}

std::string show(kvEntry* e) {
  const kvOperation op = kvEntry_Operation(e);
  return std::to_string(kvEntry_Revision(e)) +
         (op == kvOp_Put      ? ":PUT:"
          : op == kvOp_Delete ? ":DEL:"
                              : ":PURGE:") +
         kvEntry_Key(e) + ":" +
         to_hex({static_cast<const char*>(kvEntry_Value(e)), static_cast<std::size_t>(kvEntry_ValueLen(e))});
}

class peer {
 public:
  explicit peer(const char* url) {
    check(natsConnection_ConnectTo(&connection_, url));
    check(natsConnection_JetStream(&jetstream_, connection_, nullptr));
  }

  std::string answer(const std::string& command, std::istream& words) {
    std::string name, value;
    std::uint64_t revision = 0;
    words >> name;
    if (command == "make") {
      kvConfig config;
      kvConfig_Init(&config);
      config.Bucket = name.c_str();
      int history = 0;
      words >> history;
      config.History = static_cast<std::uint8_t>(history);
      check(js_CreateKeyValue(&bucket_, jetstream_, &config));
    } else if (command == "open") {
      check(js_KeyValue(&bucket_, jetstream_, name.c_str()));
    } else if (command == "put" || command == "create") {
      words >> value;
      value = from_hex(value);
      const auto write = command == "put" ? kvStore_Put : kvStore_Create;
      check(write(&revision, bucket_, name.c_str(), value.data(), static_cast<int>(value.size())));
      return std::to_string(revision);
    } else if (command == "update") {
      std::uint64_t last = 0;
      words >> last >> value;
      value = from_hex(value);
      check(kvStore_Update(&revision, bucket_, name.c_str(), value.data(), static_cast<int>(value.size()),
                           last));
      return std::to_string(revision);
    } else if (command == "delete") {
      check(kvStore_Delete(bucket_, name.c_str()));
    } else if (command == "purge") {
      check(kvStore_Purge(bucket_, name.c_str(), nullptr));
    } else if (command == "get") {
      return get(name);
    } else if (command == "history") {
      return history(name);
    } else if (command == "keys") {
      return keys();
    } else if (command == "watch") {
      check(kvStore_Watch(&updates_, bucket_, name.c_str(), nullptr));
    } else if (command == "next") {
      return next();
    } else {
      throw std::runtime_error("unknown command " + command);
    }
    return {};
  }

 private:
  std::string get(const std::string& key) {
    kvEntry* e = nullptr;
    const natsStatus status = kvStore_Get(&e, bucket_, key.c_str());
    if (status == NATS_NOT_FOUND) return "none";
    check(status);
    const std::string text = show(e);
    kvEntry_Destroy(e);
    return text;
  }
  std::string history(const std::string& key) {
    kvEntryList list{};
    check(kvStore_History(&list, bucket_, key.c_str(), nullptr));
    std::string text;
    for (int i = 0; i < list.Count; ++i) text += (i == 0 ? "" : " ") + show(list.Entries[i]);
    kvEntryList_Destroy(&list);
    return text;
  }
  std::string keys() {
    kvKeysList list{};
    check(kvStore_Keys(&list, bucket_, nullptr));
    std::vector<std::string> names(list.Keys, list.Keys + list.Count);
    kvKeysList_Destroy(&list);
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }
  std::string next() {
    kvEntry* e = nullptr;
    while (e == nullptr)
      check(kvWatcher_Next(&e, updates_, patience_ms));  // nothing: the end of the initial data
    const std::string text = show(e);
    kvEntry_Destroy(e);
    return text;
  }

  natsConnection* connection_ = nullptr;
  jsCtx* jetstream_ = nullptr;
  kvStore* bucket_ = nullptr;
  kvWatcher* updates_ = nullptr;
};

}  // namespace

// The library's objects live as long as the process.
int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: c_peer URL");
  peer client(argv[1]);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    try {
      const std::string answer = client.answer(command, words);
      std::cout << (answer.empty() ? "ok" : "ok " + answer) << std::endl;
    } catch (const conflict&) {
      std::cout << "conflict" << std::endl;
    } catch (const std::exception& failure) {
      std::cout << "error " << failure.what() << std::endl;
    }
  }
} catch (const std::exception& failure) {
  std::cerr << "c_peer: " << failure.what() << "\n";
  return 1;
}
