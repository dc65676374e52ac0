// Three real nats-servers that form a cluster. See the header.
#include <kvco_test/support/server/nats_cluster.hpp>

#include <boost/json.hpp>
#include <csignal>
#include <iostream>
#include <kvco_test/support/server/raw_client.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace kvco::test {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view as_system = R"("user":"sys","pass":"sys")";
constexpr auto answer_deadline = 1s;
constexpr auto voice_patience = 5s;   // is looked for where something is waited for that long in vain
constexpr auto voice_deadline = 12s;  // a node that knows no leader asks for votes after 9 s at the latest
constexpr auto poll_interval = 20ms;

std::string name_of(std::size_t i) { return "n" + std::to_string(i); }

std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

nats_cluster::nats_cluster(cluster_options options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < size; ++i) {
    server_options node{.version = options_.versions[i]};
    node.jetstream_config = options_.jetstream_config;
    node.extra_config = config_of(i);
    nodes_[i] = std::make_unique<nats_server>(std::move(node));
  }
  wait_until_ready();
}

std::string nats_cluster::config_of(std::size_t i) const {
  std::ostringstream out;
  out << "server_name: " << name_of(i) << "\n"
      << "accounts {\n"
      << "  KV { jetstream: enabled, users: [ { user: kv, password: kv } ] }\n"
      << "  $SYS { users: [ { user: sys, password: sys } ] }\n}\n"
      << "no_auth_user: kv\n"
      << "lame_duck_grace_period: \"" << options_.grace << "\"\nlame_duck_duration: \"30s\"\n"
      << "cluster {\n  name: C\n  listen: \"" << at(route_ports_[i].number())
      << "\"\n"
      // Routes are those of the list and no others: what servers tell each other leads nowhere.
      << "  advertise: \"" << at(nowhere_.number()) << "\"\n  no_advertise: true\n  routes: [\n";
  for (std::size_t to = 0; to < size; ++to) {
    const std::uint16_t real = route_ports_[to].number();
    if (to == i) continue;
    out << "    \"nats://" << at(options_.route ? options_.route(i, to, real) : real) << "\"\n";
  }
  out << "  ]\n}\n" << options_.extra_config << "\n";
  return std::move(out).str();
}

std::string nats_cluster::urls() const {
  std::string all;
  for (const auto& node : nodes_) all += (all.empty() ? "" : ",") + node->url();
  return all;
}

std::size_t nats_cluster::running() const {
  std::size_t count = 0;
  for (const auto& node : nodes_) count += node->running();
  return count;
}

std::optional<std::size_t> nats_cluster::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < size; ++i) {
    if (name == name_of(i)) return i;
  }
  return std::nullopt;
}

// --- asking ---------------------------------------------------------------------------------------

std::optional<std::string> nats_cluster::ask_node(std::size_t i, std::string_view subject,
                                                  std::string_view body, bool system) {
  if (!nodes_[i] || !nodes_[i]->running()) return std::nullopt;
  try {
    raw_client raw(nodes_[i]->port(), system ? as_system : "", answer_deadline);
    raw_message answer = raw.request(subject, body);
    last_answer_ = name_of(i) + ", " + std::string(subject) + ": " + answer.headers + answer.payload;
    if (answer.status() != 0 || answer.payload.find("\"error\"") != std::string::npos) return std::nullopt;
    return std::move(answer.payload);
  } catch (const std::runtime_error& error) {
    last_answer_ = name_of(i) + ", " + std::string(subject) + ": " + error.what();
    return std::nullopt;  // it is paused, or going down, or has no leader to ask
  }
}

std::optional<std::string> nats_cluster::ask(std::string_view subject, std::string_view body, bool system) {
  for (std::size_t i = 0; i < size; ++i) {
    if (auto answer = ask_node(i, subject, body, system)) return answer;
  }
  return std::nullopt;
}

std::optional<std::size_t> nats_cluster::leader(std::string_view stream) {
  const auto answer = ask("$JS.API.STREAM.INFO." + std::string(stream));
  if (!answer) return std::nullopt;
  const json::value info = json::parse(*answer);
  const json::value* cluster = info.as_object().if_contains("cluster");
  const json::value* name = cluster == nullptr ? nullptr : cluster->as_object().if_contains("leader");
  return name == nullptr ? std::nullopt : index_of(std::string_view(name->as_string()));
}

std::optional<std::size_t> nats_cluster::meta_leader() {
  for (std::size_t i = 0; i < size; ++i) {
    const auto answer = ask_node(i, "$SYS.REQ.SERVER.PING.JSZ", R"({"leader_only":true})", true);
    if (!answer) continue;
    const json::value told = json::parse(*answer);
    const json::value* server = told.as_object().if_contains("server");
    if (server == nullptr) continue;
    return index_of(std::string_view(server->at("name").as_string()));
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> nats_cluster::consumers_on(std::size_t i, std::string_view stream) {
  if (!node(i).running()) return std::nullopt;
  const json::value info = json::parse(raw_client(node(i).port(), {}, answer_deadline).info());
  const std::string id(info.at("server_id").as_string());
  const auto answer = ask_node(i, "$SYS.REQ.SERVER." + id + ".JSZ",
                               R"({"accounts":true,"streams":true,"consumer":true})", true);
  if (!answer) return std::nullopt;
  std::vector<std::string> names;
  const auto each_of = [](const json::value& of, const char* list, const auto& visit) {
    const json::value* all = of.as_object().if_contains(list);
    if (all == nullptr || all->is_null()) return;
    for (const json::value& one : all->as_array()) visit(one);
  };
  each_of(json::parse(*answer).at("data"), "account_details", [&](const json::value& account) {
    each_of(account, "stream_detail", [&](const json::value& one) {
      if (one.at("name").as_string() != stream) return;
      each_of(one, "consumer_detail",
              [&](const json::value& consumer) { names.emplace_back(consumer.at("name").as_string()); });
    });
  });
  return names;
}

bool nats_cluster::is_healthy(std::string_view stream) {
  const auto answer = ask("$JS.API.STREAM.INFO." + std::string(stream));
  if (!answer) return false;
  const json::value info = json::parse(*answer);
  const json::value* cluster = info.as_object().if_contains("cluster");
  if (cluster == nullptr || !cluster->as_object().contains("leader")) return false;
  const json::value* replicas = cluster->as_object().if_contains("replicas");
  if (replicas == nullptr || replicas->as_array().size() + 1 != size) return false;
  for (const json::value& replica : replicas->as_array()) {
    const json::object& one = replica.as_object();
    if (!one.at("current").as_bool() || (one.contains("offline") && one.at("offline").as_bool()))
      return false;
  }
  return true;
}

// --- faults ---------------------------------------------------------------------------------------

void nats_cluster::kill_all() {
  for (const auto& node : nodes_) node->kill();
}

void nats_cluster::start_all() {
  for (const auto& node : nodes_) {
    if (!node->running()) node->start();
  }
}

bool nats_cluster::step_down(std::string_view stream) {
  return ask("$JS.API.STREAM.LEADER.STEPDOWN." + std::string(stream)).has_value();
}

bool nats_cluster::meta_step_down() { return ask("$JS.API.META.LEADER.STEPDOWN", {}, true).has_value(); }

void nats_cluster::retire(std::size_t i) {
  node(i).signal(SIGUSR2);
  node(i).wait_for_exit(60s);
}

bool nats_cluster::is_mute(std::size_t i) {
  if (options_.versions[i] != "2.10" || !node(i).running()) return false;
  bool listening = false;
  try {
    const std::string log = node(i).log();
    std::istringstream words(log.substr(log.rfind("Node:")));
    std::string id;
    words >> id >> id;
    raw_client raw(node(i).port(), as_system, voice_deadline);
    const std::string sid = raw.subscribe("$NRG.>");
    raw.flush();
    listening = true;
    const auto deadline = steady_clock::now() + voice_deadline;
    while (steady_clock::now() < deadline) {
      if (raw.next(sid).payload.find(id) != std::string::npos) return false;
    }
    return true;
  } catch (const std::runtime_error&) {
    return listening;  // nobody says anything; or else it is paused
  }
}

void nats_cluster::restart_the_mute() {
  for (std::size_t i = 0; i < size; ++i) {
    if (!is_mute(i)) continue;
    std::cerr << "nats_cluster: " << name_of(i) << " says nothing in its Raft groups, and is started again"
              << std::endl;
    node(i).restart();
  }
}

// --- waiting --------------------------------------------------------------------------------------

void nats_cluster::wait(std::chrono::seconds longest, const char* what,
                        const std::function<bool()>& condition) {
  const auto deadline = steady_clock::now() + longest;
  auto look_for_voices = steady_clock::now() + voice_patience;
  while (!condition()) {
    if (steady_clock::now() >= look_for_voices) {
      restart_the_mute();
      look_for_voices = steady_clock::now() + voice_patience;
    }
    if (steady_clock::now() >= deadline) {
      std::string logs;
      for (const auto& node : nodes_) {
        const std::string log = node->log();
        logs += "\n--- the end of a node's log ---\n" +
                log.substr(log.size() - std::min<std::size_t>(log.size(), 3000));
      }
      throw std::runtime_error("nats_cluster: " + std::string(what) + "\nthe last answer: " + last_answer_ +
                               logs);
    }
    std::this_thread::sleep_for(poll_interval);
  }
}

void nats_cluster::wait_until_ready(std::chrono::seconds longest) {
  // That a stream of three replicas can be made is the proof that all nodes know each other and have a leader.
  wait(longest, "no replicated stream can be made", [this] {
    return ask("$JS.API.STREAM.CREATE.READY", R"({"name":"READY","subjects":["ready"],"num_replicas":3})")
        .has_value();
  });
  wait(longest, "a stream cannot be deleted", [this] {
    return ask("$JS.API.STREAM.DELETE.READY").has_value() || !ask("$JS.API.STREAM.INFO.READY").has_value();
  });
}

void nats_cluster::wait_until_healthy(std::string_view stream, std::chrono::seconds longest) {
  wait(longest, "the stream has no leader, or replicas that are behind", [&] { return is_healthy(stream); });
}

std::size_t nats_cluster::wait_for_leader(std::string_view stream, std::chrono::seconds longest) {
  std::optional<std::size_t> found;
  wait(longest, "the stream has no leader", [&] { return (found = leader(stream)).has_value(); });
  return *found;
}

}  // namespace kvco::test
