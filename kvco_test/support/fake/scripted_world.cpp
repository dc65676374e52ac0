// The scripted world: its clock, its environment, its transports.
#include <kvco_test/support/fake/scripted_world.hpp>
#include <kvco_test/support/judges/alloc_counter.hpp>

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <cstring>
#include <random>

namespace kvco::test {

asio::execution_context::id waiting_room::id;

class scripted_transport final : public net::transport {
 public:
  scripted_transport(std::shared_ptr<scripted_world> world, std::shared_ptr<scripted_link> link)
      : world_(std::move(world)), link_(std::move(link)) {}
  ~scripted_transport() override { close(); }

  asio::awaitable<net::io_result> read_some(std::span<char> room) override {
    const auto world = world_;
    const auto link = link_;
    co_await later(world->executor_);
    if (world->fails()) world->end(*link, asio::error::connection_reset);
    while (!link->closed) {
      std::size_t size = std::min(room.size(), world->readable(*link));
      if (size > 0 && world->read_size) size = std::min(size, world->read_size());
      if (size > 0) {
        std::memcpy(room.data(), link->server.out.data() + link->server.taken, size);
        link->server.taken += size;
        if (link->server.taken == link->server.out.size()) {
          link->server.out.clear();
          link->server.taken = 0;
        }
        world->bytes_to_client += size;
        world->cut_if_due(*link, direction::to_client);
        co_return net::io_result{{}, size};
      }
      if (link->end) co_return net::io_result{link->end, 0};
      if (link->server.finished) co_return net::io_result{asio::error::eof, 0};
      co_await link->reader.wait(asio::deferred);
    }
    co_return net::io_result{asio::error::operation_aborted, 0};
  }

  asio::awaitable<net::step_result> secure(net::tls_settings) override {
    co_return net::step_result(client_error::tls_failed, "scripted: this connection has no TLS");
  }
  bool secured() const noexcept override { return false; }

  std::size_t try_read(std::span<char>) override { return 0; }

  // As a socket whose send buffer has room: whole frames at once, where a test does not cut them.
  net::write_result try_write(const std::vector<std::string_view>& pieces) override {
    net::write_result result;
    if (link_->closed || link_->end || !world_->server_reads || world_->write_size) return result;
    if (world_->fails()) {
      world_->end(*link_, asio::error::connection_reset);
      return result;
    }
    for (const std::string_view piece : pieces) {
      world_->to_server(*link_, piece);
      result.taken += piece.size();
    }
    result.whole = true;
    return result;
  }
  bool owes() const noexcept override { return false; }

  asio::awaitable<error_code> write(const std::vector<std::string_view>& pieces) override {
    const auto world = world_;
    const auto link = link_;
    co_await later(world->executor_);
    if (world->fails()) world->end(*link, asio::error::connection_reset);
    for (std::string_view piece : pieces) {
      while (!piece.empty()) {
        if (link->closed) co_return asio::error::operation_aborted;
        // After FIN of the server the kernel still takes bytes, after RST it does not.
        if (link->end == asio::error::connection_reset) co_return link->end;
        if (!world->server_reads && !link->end) {
          co_await link->writer.wait(asio::deferred);
          continue;
        }
        const std::size_t most = world->write_size ? world->write_size() : piece.size();
        const std::size_t size = std::min(most, piece.size());
        world->to_server(*link, piece.substr(0, size));
        piece.remove_prefix(size);
        if (world->write_size) co_await later(world->executor_);
      }
    }
    co_return error_code();
  }

  asio::awaitable<void> finish() override {
    link_->sent_fin = true;
    if (link_->server.open && link_->server.parser.partial())
      world_->server.malformed.push_back("half a frame before FIN");
    if (link_->server.open && !link_->end && !world_->to_server_lost) world_->server.close(link_->server);
    co_return;
  }

  void close() noexcept override {
    if (std::exchange(link_->closed, true)) return;
    if (link_->server.open) world_->server.lost(link_->server);
    link_->reader.open();
    link_->writer.open();
  }

 private:
  std::shared_ptr<scripted_world> world_;
  std::shared_ptr<scripted_link> link_;
};

class scripted_environment final : public net::environment {
 public:
  explicit scripted_environment(std::shared_ptr<scripted_world> world)
      : world_(std::move(world)), dialling_(world_->executor_), sleeping_(world_->executor_) {
    world_->environments_.push_back(this);
  }
  ~scripted_environment() override { std::erase(world_->environments_, this); }

  asio::awaitable<connected> connect(net::dial_plan plan) override {
    const core::server_url& server = plan.server;
    const auto world = world_;
    cancelled_ = false;
    const dial attempt{server.host, server.port, world->now()};
    world->dials.push_back(attempt);
    const answer what = world->on_dial ? world->on_dial(attempt) : answer::accept;
    co_await later(world->executor_);
    connected result;
    if (world->fails() || what == answer::refuse) result.code = asio::error::connection_refused;
    if (what == answer::silence && !cancelled_) co_await dialling_.wait(asio::deferred);
    if (cancelled_) result.code = asio::error::operation_aborted;
    if (result.code) {
      result.detail = "scripted: " + result.code.message();
      co_return result;
    }
    auto link = std::make_shared<scripted_link>(world->executor_);
    // The link is kept by the world, its server side by the server: no owner in here.
    link->server.wake = [raw = link.get()] { raw->reader.open(); };
    world->links.push_back(link);
    world->server.accept(link->server);
    result.stream = std::make_unique<scripted_transport>(world, link);
    co_return result;
  }
  void cancel_connect() noexcept override {
    cancelled_ = true;
    dialling_.open();
  }

  core::time_point now() const override { return world_->now(); }
  asio::awaitable<void> sleep(core::time_point until) override {
    if (until <= world_->now()) co_return;
    until_ = until;
    co_await sleeping_.wait(asio::deferred);
  }
  void wake() noexcept override {
    until_.reset();
    sleeping_.open();
  }
  std::uint64_t random() override { return std::uint64_t{source_()} << 32 | source_(); }

  std::optional<core::time_point> sleeps_until() const noexcept { return until_; }

 private:
  std::shared_ptr<scripted_world> world_;
  turnstile dialling_, sleeping_;
  std::optional<core::time_point> until_;
  std::mt19937 source_{4222};
  bool cancelled_ = false;
};

std::unique_ptr<net::environment> make_scripted_environment(std::shared_ptr<scripted_world> world) {
  return std::make_unique<scripted_environment>(std::move(world));
}

void scripted_world::set_clock(core::time_point to) {
  now_ = std::max(now_, to);
  server.on_time(now_ns());
  for (scripted_environment* each : std::vector(environments_)) {
    if (each->sleeps_until() && *each->sleeps_until() <= now_) each->wake();
  }
}

bool scripted_world::turn_clock(core::time_point most) {
  const own_allocations mine;
  std::optional<core::time_point> next;
  const auto consider = [&](core::time_point at) {
    if (at != core::time_point::max() && (!next || at < *next)) next = at;
  };
  for (const scripted_environment* each : environments_) {
    if (each->sleeps_until()) consider(*each->sleeps_until());
  }
  if (const auto due = server.next_due_ns()) consider(core::time_point(core::duration(*due)));
  if (!next || *next > most) return false;
  set_clock(*next);
  return true;
}

void scripted_world::to_server(scripted_link& link, std::string_view bytes) {
  const std::size_t size = before_cut(direction::to_server, bytes.size());
  const bool arrives = !link.end && !to_server_lost && link.server.open;
  link.lost += bytes.substr(arrives ? size : 0);
  if (!arrives) return;
  bytes_to_server += size;
  const own_allocations mine;
  server.receive(link.server, bytes.substr(0, size));
  cut_if_due(link, direction::to_server);
}

std::size_t scripted_world::readable(const scripted_link& link) const {
  if (to_client_lost || link.end == asio::error::connection_reset) return 0;
  return before_cut(direction::to_client, link.server.out.size() - link.server.taken);
}

std::size_t scripted_world::before_cut(direction way, std::size_t size) const {
  if (!planned_cut || planned_cut->way != way) return size;
  return std::min(size, planned_cut->at - (way == direction::to_server ? bytes_to_server : bytes_to_client));
}

void scripted_world::cut_if_due(scripted_link& link, direction way) {
  if (!planned_cut || planned_cut->way != way) return;
  if ((way == direction::to_server ? bytes_to_server : bytes_to_client) < planned_cut->at) return;
  // Behind a cut on the way to the client nothing comes any more; else what the server has said still arrives before FIN.
  if (way == direction::to_client) {
    link.server.out.clear();
    link.server.taken = 0;
  }
  const error_code how = planned_cut->how;
  planned_cut.reset();
  end(link, how);
}

void scripted_world::end(scripted_link& link, error_code how) {
  if (link.end) return;
  link.end = how;
  if (link.server.open) server.lost(link.server);
  link.reader.open();
  link.writer.open();
}

void scripted_world::end_connection(error_code how) {
  if (!links.empty()) end(*links.back(), how);
}

void scripted_world::wake_all() {
  for (const auto& link : links) {
    link->reader.open();
    link->writer.open();
  }
}

void scripted_world::clear_faults() {
  planned_cut.reset();
  fail_call = 0;
  read_size = write_size = nullptr;
  on_dial = nullptr;
  to_server_lost = to_client_lost = false;
  server_reads = true;
  wake_all();
}

}  // namespace kvco::test
