#include <kvco/core/line.hpp>

#include <kvco/wire/writer.hpp>

namespace kvco::core {

void line::fence(time_point now) {
  append([&](std::string&) { link.fence(now); });
}

void line::subscribe(std::string_view subject, std::string_view queue, std::uint64_t sid, time_point now) {
  log.add_note({}, sid, out.end());
  append([&](std::string& to) { wire::append_sub(to, subject, queue, sid); });
  fence(now);
}

void line::unsubscribe(std::uint64_t sid, std::uint64_t after) {
  append([&](std::string& to) { wire::append_unsub(to, sid, after); });
}

void line::publish(std::string_view subject, std::uint64_t of, time_point now) {
  log.add_note(subject, of, out.end());
  append([&](std::string& to) { wire::append_pub(to, subject, {}, {}); });
  fence(now);
}

}  // namespace kvco::core
