// Shared by watches that begin together.
#include <kvco/kv/watch_setups.hpp>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <kvco/kv/client_state.hpp>
#include <kvco/net/session.hpp>
#include <utility>

namespace kvco::kv {

watch_setups& watch_setups::of(session& owner) { return client_state::of(owner).setups; }

void watch_setups::inspect(const std::string& stream, core::time_point until, inspected done) {
  inspection& of = streams_[stream];
  if (!of.next) of.next = std::make_shared<batch>();
  of.next->waiting.push_back(std::move(done));
  of.next->until = std::max(of.next->until, until);
  if (!of.asked) post(stream, of);
}

// In a later turn: all watches that begin in the same turn share one request.
void watch_setups::post(const std::string& stream, inspection& of) {
  if (std::exchange(of.posted, true)) return;
  // noexcept: without memory for a watch to continue the process ends, as in all turns of the session.
  asio::post(session_.executor(), [self = session_.weak_from_this(), stream]() noexcept {
    if (const auto open = self.lock()) watch_setups::of(*open).request_info(stream);
  });
}

void watch_setups::request_info(const std::string& stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  inspection& of = found->second;
  of.posted = false;
  if (of.asked || !of.next) return;
  of.asked = std::exchange(of.next, nullptr);
  call(session_.shared_from_this(), {session_.api().stream_info(stream), {}, {}}, of.asked->until,
       effect::read, [self = session_.weak_from_this(), stream, asked = of.asked](const api_reply& reply) {
         if (const auto open = self.lock()) watch_setups::of(*open).on_reply(stream, asked, reply);
       });
}

void watch_setups::on_reply(const std::string& stream, const std::shared_ptr<batch>& asked,
                            const api_reply& reply) {
  const auto found = streams_.find(stream);
  if (found != streams_.end() && found->second.asked == asked) {
    found->second.asked.reset();
    if (found->second.next) {
      post(stream, found->second);
    } else if (!found->second.posted) {
      streams_.erase(found);
    }
  }
  jetstream::outcome<jetstream::stream_info> info;
  if (reply.code) {
    info.code = reply.code;
    info.detail = reply.detail;
  } else {
    info = jetstream::parse_stream_info(reply.payload);
  }
  for (const inspected& done : asked->waiting) done(reply, info);
}

void watch_setups::enter(creation next) {
  waiting_.push_back(std::move(next));
  serve();
}

void watch_setups::leave() {
  --creating_;
  serve();
}

void watch_setups::serve() {
  while (creating_ < max_creates && !waiting_.empty()) {
    const creation next = std::move(waiting_.front());
    waiting_.pop_front();
    ++creating_;
    if (!next()) --creating_;
  }
}

}  // namespace kvco::kv
