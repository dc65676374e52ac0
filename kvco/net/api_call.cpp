// A request whose whole reply is wanted.
#include <kvco/net/api_call.hpp>

#include <boost/asio/deferred.hpp>
#include <kvco/jetstream/replies.hpp>
#include <kvco/net/completion.hpp>
#include <kvco/net/memory.hpp>

namespace kvco::net {
namespace {

class api_operation final : public detail::operation<api_reply>,
                            public core::request,
                            public progress::source {
 public:
  api_operation(std::shared_ptr<session> owner, const api_request& asked, core::time_point until, effect what,
                progress* done = nullptr)
      : request(owner->requests(), what),
        owner_(std::move(owner)),
        until_(until),
        done_(done),
        is_write_(what == effect::write) {
    frame_ = core::frame({{}, asked.subject, owner_->inbox().prefix(), asked.header, asked.payload});
  }

  void start(detail::handler_ptr<api_reply> completion) noexcept override {
    completion_ = std::move(completion);
    slot_.connect(completion_, this);
    if (done_ != nullptr && is_write_) done_->begin(*this);
    submit_until_answered(until_, owner_->now());
  }
  const asio::any_io_executor& executor() const noexcept override { return owner_->executor(); }
  void cancel() noexcept {
    if (state() != stage::done) finish(asio::error::operation_aborted, std::string(cancelled_words(state())));
  }

 private:
  void on_reply(const wire::event& reply) override {
    const bool kept = has_memory_for([&] {
      reply_.header = reply.header;
      reply_.payload = reply.payload;
    });
    if (!kept) return finish_without_memory();
    const bool no_server = jetstream::is_no_responders(reply_.header);
    no_server ? finish(client_error::no_responders, "no server answers on this subject") : finish();
  }
  void run() override {
    const std::unique_ptr<api_operation> self(this);
    slot_.clear();
    if (done_ != nullptr) {
      if (is_write_) done_->end(!code_ || code_ == client_error::outcome_unknown);
      done_->note(frame_.subject(), attempts());
    }
    reply_.code = code_;
    reply_.detail = std::move(detail_);
    // An error is a value here: the steps of longer operations look at it.
    completion_.release()->complete({}, nullptr, std::move(reply_));
  }
  void abandon() noexcept override { delete this; }

  bool is_in_flight() const noexcept override { return state() == stage::in_flight; }

  std::shared_ptr<session> owner_;
  core::time_point until_;
  progress* done_;
  bool is_write_;
  api_reply reply_;
  detail::handler_ptr<api_reply> completion_;
  slot_link slot_;
};

}  // namespace

asio::awaitable<api_reply> call(std::shared_ptr<session> session, api_request request,
                                core::time_point deadline, effect what, progress* done) {
  detail::operation_ptr<api_reply> prepared =
      std::make_unique<api_operation>(std::move(session), request, deadline, what, done);
  co_return co_await detail::initiate(std::move(prepared), asio::deferred);
}

void call(std::shared_ptr<session> session, const api_request& request, core::time_point deadline,
          effect what, std::function<void(api_reply)> done) {
  auto prepared = std::make_unique<api_operation>(std::move(session), request, deadline, what);
  auto heard = [done = std::move(done)](error_code, api_reply reply) noexcept { done(std::move(reply)); };
  const asio::any_io_executor executor = prepared->executor();
  prepared.release()->start(detail::handler_of<decltype(heard), api_reply>::make(std::move(heard), executor));
}

}  // namespace kvco::net
