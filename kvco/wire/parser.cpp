// Socket bytes -> event. The protocol is read() below; the rest is how it waits for bytes.
#include <kvco/wire/control_line.hpp>
#include <kvco/wire/parser.hpp>
#include <kvco/wire/receive_buffer.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace kvco::wire {
namespace {

/// A coroutine that yields events until it returns an error.
class event_stream {
 public:
  struct promise_type {
    const event* current = nullptr;  // lives in the coroutine's frame until it is resumed
    error_code failure;

    event_stream get_return_object() noexcept {
      return event_stream(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(const event& e) noexcept { return current = &e, std::suspend_always{}; }
    void return_value(client_error reason) noexcept { failure = reason; }
    void unhandled_exception() noexcept { std::terminate(); }  // nothing in it throws
  };

  explicit event_stream(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  event_stream(event_stream&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  event_stream& operator=(event_stream&&) = delete;
  ~event_stream() {
    if (handle_) handle_.destroy();
  }

  const event* resume() {
    handle_.promise().current = nullptr;
    handle_.resume();
    return handle_.promise().current;
  }
  bool ended() const noexcept { return handle_.done(); }
  error_code failure() const noexcept { return handle_.promise().failure; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

event say(event_kind kind, std::string_view text = {}) noexcept {
  event e;
  e.kind = kind;
  e.text = text;
  return e;
}

void fill(const message_line& message, std::string_view operation, std::string_view body, event& e) noexcept {
  e.kind = event_kind::msg;
  e.sid = message.sid;
  e.subject = message.subject.in(operation);
  e.reply = message.reply.in(operation);
  e.header = {body.data(), message.header_size};
  e.payload = {body.data() + message.header_size, message.total_size - message.header_size};
}

event_kind kind_of_word(verb op) noexcept {
  if (op == verb::ping) return event_kind::ping;
  return op == verb::pong ? event_kind::pong : event_kind::ok;
}

}  // namespace

struct parser::state {
  explicit state(limits b) : bounds(b), events(read()) {}

  event_stream read();

  // The next input that read() waits for. The current operation stays in the buffer until the next one is
  // begun.
  struct awaiting {
    state& in;
    bool await_ready() const noexcept { return in.has_come(); }
    void await_suspend(std::coroutine_handle<>) const noexcept { in.waiting = true; }
  };
  struct line_awaiter : awaiting {
    const control_line& await_resume() const noexcept { return in.current; }
  };
  struct payload_awaiter : awaiting {
    std::string_view await_resume() const noexcept { return in.take(); }
  };

  /// The next operation's line: all of it, or as much as suffices to refuse it.
  line_awaiter next_line() noexcept {
    buffer.consume(std::exchange(taken, 0));
    buffer.prefetch();
    searched = 0;
    wanted = 0;
    return {{*this}};
  }
  /// The bytes behind the line.
  payload_awaiter exactly(std::size_t size) noexcept {
    wanted = size;
    return {{*this}};
  }
  /// All bytes of the current operation that came so far.
  std::string_view operation() const noexcept { return buffer.unread().substr(0, taken); }

  bool has_come() noexcept { return wanted != 0 ? buffer.unread().size() - taken >= wanted : find_line(); }
  bool find_line() noexcept;
  std::string_view take() noexcept {
    taken += wanted;
    return operation().substr(taken - wanted);
  }

  const event* next() {
    if (events.ended() || (waiting && !has_come())) return nullptr;
    waiting = false;
    return events.resume();
  }
  std::span<char> prepare() {
    if (events.ended()) buffer.clear();
    return buffer.prepare(waiting && wanted != 0 ? taken + wanted : 0);
  }

  limits bounds;
  receive_buffer buffer;
  std::size_t taken = 0;     // bytes of the current operation, from the first unread one
  std::size_t wanted = 0;    // bytes waited for after them; 0: a line
  std::size_t searched = 0;  // bytes known to hold no line end
  bool waiting = false;
  control_line current;
  event_stream events;  // last: it starts with the others in place
};

event_stream parser::state::read() {
  event spoken;  // messages are written in place: it is their fast path
  while (true) {
    const control_line& line = co_await next_line();
    if (line.refused) co_return *line.refused;

    if (line.op == verb::msg || line.op == verb::hmsg) {
      message_line message;
      if (const auto wrong = read_message_line(line, bounds, message)) co_return *wrong;

      const std::string_view body = co_await exactly(message.total_size + 2);
      if (!body.ends_with("\r\n")) co_return client_error::payload_not_terminated;

      fill(message, operation(), body, spoken);
      co_yield spoken;
    } else if (line.op == verb::info) {
      if (arguments(line.text).empty()) co_return client_error::malformed_operation;
      co_yield say(event_kind::info, arguments(line.text));
    } else if (line.op == verb::err) {
      co_yield say(event_kind::err, unquoted(arguments(line.text)));
    } else {  // a word; the text after it is ignored
      co_yield say(kind_of_word(line.op));
    }
  }
}

/// Looks for a line end in the bytes received since the last time. An unfinished line is also an end if it is
/// refused already: a line without end must not be buffered further.
bool parser::state::find_line() noexcept {
  const std::string_view unread = buffer.unread();
  const std::size_t size = std::min(unread.find('\n', searched), unread.size());
  searched = size;
  if (size == unread.size()) {
    examine(unread, line_end::none, bounds, current);
    return current.refused.has_value();
  }
  const bool crlf = size > 0 && unread[size - 1] == '\r';
  examine(unread.substr(0, size - (crlf ? 1 : 0)), crlf ? line_end::crlf : line_end::lf, bounds, current);
  taken = size + 1;
  return true;
}

parser::parser(limits bounds) : state_(std::make_unique<state>(bounds)) {}
parser::parser(parser&&) noexcept = default;
parser& parser::operator=(parser&&) noexcept = default;
parser::~parser() = default;

std::span<char> parser::prepare() { return state_->prepare(); }
void parser::commit(std::size_t size) { state_->buffer.commit(size); }
const event* parser::next() { return state_->next(); }
error_code parser::error() const noexcept { return state_->events.failure(); }
void parser::set_max_payload(std::size_t bytes) noexcept { state_->bounds.max_payload = bytes; }
std::size_t parser::buffered() const noexcept { return state_->buffer.unread().size() - state_->taken; }
std::size_t parser::capacity() const noexcept { return state_->buffer.capacity(); }

}  // namespace kvco::wire
