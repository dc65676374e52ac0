// Where a soak happens. See the header.
#include <kvco_test/chaos/soak/place.hpp>

#include <absl/strings/str_join.h>
#include <boost/json.hpp>
#include <kvco/detail/concat.hpp>
#include <stdexcept>
#include <thread>

namespace kvco::chaos::soak {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::string denied(const std::set<std::string>& subjects) {
  const auto quoted = [](std::string* out, const std::string& subject) { *out += '"' + subject + '"'; };
  return detail::concat("{ allow: \">\", deny: [", absl::StrJoin(subjects, ", ", quoted), "] }");
}

boost::json::object configuration_of(std::string_view bucket) {
  return {{"name", detail::concat("KV_", bucket)},
          {"subjects", {detail::concat("$KV.", bucket, ".>")}},
          {"max_msgs_per_subject", bucket == kept ? kept_history : torn_history},
          {"storage", "file"},
          {"discard", "new"},
          {"allow_rollup_hdrs", true},
          {"deny_delete", true},
          {"allow_direct", true}};
}

bool is_error(std::string_view answer) { return answer.find("\"error\":") != std::string_view::npos; }

}  // namespace

std::string configuration::text() const {
  std::string limits = account.empty() ? "enabled" : "{ ";
  for (const auto& [name, value] : account) limits += name + ": " + value + ", ";
  if (!account.empty()) limits += "}";
  std::string text = detail::concat(
      "accounts { SOAK {\n  jetstream: ", account_has_jetstream ? limits : "disabled",
      "\n  users: [\n    { user: administrator, password: p }\n    { user: guest, password: p, "
      "permissions: {",
      " publish: ", denied(no_publish), ", subscribe: ", denied(no_subscribe), " } }\n  ]\n} }\n",
      "no_auth_user: administrator\n");
  for (const auto& [name, value] : server) text += name + ": " + value + "\n";
  return text;
}

place::place(const options& wanted, std::uint64_t seed) {
  test::server_options how;
  how.version = wanted.version;
  how.extra_config = configuration_.text();
  server_.emplace(std::move(how));
  thread_.call([&] {
    const auto watcher = std::make_shared<answer_watcher>(seen_, 0);
    test::proxy_options proxied{.seed = seed};
    proxied.see = [watcher](const test::server_frame& frame) { watcher->see(frame); };
    proxied.see_sent = [watcher](const test::client_frame& frame) {
      if (frame.subject.find(kept) != std::string::npos) watcher->see(frame);
    };
    link_ = std::make_unique<test::fault_proxy>(thread_.reactor().get_executor(), server_->port(),
                                                std::move(proxied));
    url_ = link_->url();
  });
  make_stream(kept);
  make_stream(torn);
}

place::~place() {
  thread_.call([this] { link_.reset(); });
}

void place::restart(bool with_jetstream) {
  server_->configure(with_jetstream, configuration_.text());
  server_->restart();
}

std::string place::ask(std::string_view request, std::string_view body) {
  return test::raw_client(server_->port()).request(detail::concat("$JS.API.", request), body).payload;
}

void place::make_stream(std::string_view bucket) {
  const std::string wanted = boost::json::serialize(configuration_of(bucket));
  const auto give_up = steady_clock::now() + 30s;
  while (true) {
    const std::string answer = ask(detail::concat("STREAM.CREATE.KV_", bucket), wanted);
    // A server that is still busy with the files of the one before refuses (10049); a guest may have been faster (10058).
    if (!answer.empty() && (!is_error(answer) || answer.find("10058") != std::string::npos)) return;
    if (steady_clock::now() > give_up) throw std::runtime_error("no stream can be made: " + answer);
    std::this_thread::sleep_for(50ms);
  }
}

void place::update_torn(const settings& changed) {
  const std::string found = ask(detail::concat("STREAM.INFO.KV_", torn));
  if (found.empty() || is_error(found)) throw std::runtime_error("STREAM.INFO: " + found);
  boost::json::object config = boost::json::parse(found).at("config").as_object();
  for (const auto& [name, value] : changed) config[name] = boost::json::parse(value);
  const std::string updated = ask(detail::concat("STREAM.UPDATE.KV_", torn), boost::json::serialize(config));
  if (updated.empty() || is_error(updated)) throw std::runtime_error("STREAM.UPDATE: " + updated);
}

std::vector<std::string> place::consumers(std::string_view bucket) {
  const boost::json::value told = boost::json::parse(ask(detail::concat("CONSUMER.NAMES.KV_", bucket)));
  std::vector<std::string> names;
  if (const auto* all = told.as_object().if_contains("consumers"); all != nullptr && all->is_array()) {
    for (const auto& name : all->as_array()) names.emplace_back(name.as_string());
  }
  return names;
}

}  // namespace kvco::chaos::soak
