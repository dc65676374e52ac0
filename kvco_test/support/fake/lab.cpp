// The lab.
#include <gtest/gtest.h>

#include <kvco_test/support/fake/lab.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <kvco/core/server_url.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/task.hpp>

namespace kvco::test {

std::string describe(const entry& e) {
  const std::string name = std::string(e.key()) + '@' + std::to_string(e.revision());
  return e.operation() == operation::put ? name + '=' + std::string(e.value())
                                         : name + ' ' + std::string(to_string(e.operation()));
}

std::string describe(const std::optional<entry>& e) { return e ? describe(*e) : "none"; }

std::string describe(const std::vector<entry>& all) {
  std::string text = "[";
  for (const entry& e : all) text += describe(e) + ' ';
  return text + ']';
}

std::string describe(const std::vector<std::optional<entry>>& all) {
  std::string text = "[";
  for (const std::optional<entry>& e : all) text += describe(e) + ' ';
  return text + ']';
}

std::string describe(const std::vector<put_outcome>& all) {
  std::string text = "[";
  for (const put_outcome& o : all) {
    text += (o.ok() ? std::to_string(o.revision()) : o.code().default_error_condition().message()) + ", ";
  }
  return text + ']';
}

std::string describe(const std::optional<std::vector<entry>>& batch) {
  return batch ? describe(*batch) : "none";
}

std::string describe(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string text = "[";
  for (const std::string& name : names) text += name + ' ';
  return text + ']';
}

std::string describe(const bucket_status& status) {
  return status.config.name() + " last " + std::to_string(status.last_revision);
}

lab::lab(config with)
    : settings(std::move(with)),
      reactor_(std::make_unique<asio::io_context>(1)),
      world_(std::make_shared<scripted_world>(reactor_->get_executor())),
      begin_(world_->now()) {
  asio::use_service<waiting_room>(*reactor_);
}

lab::~lab() {
  expect_well_formed();
  drop_handles();
  destroy_reactor();
  session_.reset();
  EXPECT_TRUE(session_is_gone()) << "something still holds the session";
}

void lab::destroy_reactor() { reactor_.reset(); }

namespace {

// The lines of kvco/connect.cpp, with a world that the caller gives.
asio::awaitable<client> connect_session(std::shared_ptr<net::session> session, std::string urls) {
  auto servers = core::parse_server_urls(urls);
  client made(session);
  session->open(std::move(servers.servers));
  co_await session->opened().wait(asio::deferred);
  if (!session->ready()) throw net::failure(session->code(), session->detail());
  co_return made;
}

}  // namespace

detail::operation_ptr<client> lab::prepare_connect() {
  session_ = net::session::create(executor(), settings, make_scripted_environment(world_));
  weak_ = session_;
  return net::make_task<client>(executor(), nullptr, [session = session_, urls = settings.urls()] {
    return connect_session(session, urls);
  });
}

void lab::connect() {
  outcome result;
  detail::initiate(prepare_connect(), [&](error_code code, client made) {
    note{&result}(code, made);
    nats = std::move(made);
  });
  ASSERT_TRUE(run_until([&] { return result.calls > 0; })) << "connect() did not complete";
  ASSERT_TRUE(succeeded(result));
  run();
}

bucket lab::open(std::string_view name) {
  outcome result;
  bucket opened;
  nats.open_bucket(name, [&](error_code code, bucket made) {
    note{&result}(code);
    opened = std::move(made);
  });
  EXPECT_TRUE(run_until([&] { return result.calls > 0; })) << "open_bucket() did not complete";
  EXPECT_TRUE(succeeded(result));
  return opened;
}

void lab::connect_and_open() {
  if (!server().streams.contains("KV_B")) server().create_bucket("B");
  server().create_bucket("other");
  ASSERT_NO_FATAL_FAILURE(connect());
  kv = open("B");
  other = open("other");
  run();
}

bool lab::step() {
  if (!reactor_) return false;
  if (reactor_->stopped()) reactor_->restart();
  return reactor_->poll_one() != 0;
}

std::size_t lab::run() {
  std::size_t count = 0;
  while (step()) {
    // Something that goes round and round without the clock is a bug.
    if (++count > 2'000'000) {
      ADD_FAILURE() << "the reactor does not become idle";
      break;
    }
  }
  return count;
}

bool lab::step_or_wait(duration most) { return step() || world_->turn_clock(begin_ + most); }

bool lab::run_until(const std::function<bool()>& done, duration most) {
  const core::time_point until = world_->now() + most;
  while (!done()) {
    if (!step() && !world_->turn_clock(until)) return false;
  }
  return true;
}

void lab::pass(duration time) {
  const core::time_point until = world_->now() + time;
  run();
  while (world_->turn_clock(until)) run();
  world_->set_clock(until);
  run();
}

void lab::expect_well_formed() {
  if (server().malformed.empty()) return;
  ADD_FAILURE() << server().malformed.size()
                << " malformed frames, the first: " << server().malformed.front();
  server().malformed.clear();
}

void lab::expect_working(std::size_t watches) {
  world_->clear_faults();
  server().answers = server().says_info = server().says_pong = true;
  server().script = nullptr;
  server().leaderless.clear();
  outcome put, get;
  bucket again = kv;
  again.put("working", "yes", note{&put});
  EXPECT_TRUE(run_until([&] { return put.calls > 0; }));
  EXPECT_TRUE(succeeded(put));
  again.get("working", note{&get});
  EXPECT_TRUE(run_until([&] { return get.calls > 0; }));
  EXPECT_EQ(get.value, "ok working@" + put.value.substr(3) + "=yes");
  run();
  EXPECT_EQ(nats.statistics().pending_requests, 0u);
  EXPECT_EQ(nats.statistics().subscriptions, 1 + watches);
  expect_well_formed();
}

}  // namespace kvco::test
