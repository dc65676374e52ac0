// A stream of the fake server.
#include <kvco_test/support/fake/fake_stream.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <kvco_test/support/judges/client_frames.hpp>

namespace kvco::test {

fake_stream::fake_stream(std::string name, std::string config, std::string created)
    : name_(std::move(name)), created_(std::move(created)) {
  set_config(std::move(config));
}

void fake_stream::set_config(std::string config) {
  config_ = std::move(config);
  const auto parsed = boost::json::parse(config_);
  history_ = parsed.at("max_msgs_per_subject").to_number<std::size_t>();
  const boost::json::value* direct = parsed.as_object().if_contains("allow_direct");
  allows_direct_ = direct && direct->is_bool() && direct->get_bool();
}

fake_stream::stored_or_error fake_stream::store(const std::string& subject, const std::string& header,
                                                const std::string& payload, std::int64_t now_ns) {
  const std::string id = header_value(header, "Nats-Msg-Id");
  const auto known = ids_.find(id);
  const bool again = !id.empty() && known != ids_.end() && now_ns < known->second.at_ns + duplicate_window_ns;
  if (again && looks_at_ids_first) return {known->second.sequence, 0, {}, true};
  const stored* previous = last_of(subject);
  const std::uint64_t last = previous ? previous->sequence : 0;
  const std::string expected = header_value(header, "Nats-Expected-Last-Subject-Sequence");
  if (!expected.empty() && expected != std::to_string(last)) {
    return {0, 10071, "wrong last sequence: " + std::to_string(last)};
  }
  if (again) return {known->second.sequence, 0, {}, true};
  if (header_value(header, "Nats-Rollup") == "sub") {
    std::erase_if(messages_, [&](const stored& m) { return m.subject == subject; });
  }
  messages_.push_back({++last_, subject, header, payload});
  if (!id.empty()) ids_[id] = {last_, now_ns};
  forget_old(subject);
  return {last_, 0, {}};
}

std::size_t fake_stream::purge(std::string_view subject, std::uint64_t below) {
  return std::erase_if(messages_,
                       [&](const stored& m) { return m.subject == subject && m.sequence < below; });
}

const stored* fake_stream::next_of(std::string_view subject, std::uint64_t from) const {
  const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const stored& m) {
    return m.sequence >= from && m.subject == subject;
  });
  return found == messages_.end() ? nullptr : &*found;
}

void fake_stream::forget_old(const std::string& subject) {
  const auto is_same = [&](const stored& m) { return m.subject == subject; };
  while (static_cast<std::size_t>(std::count_if(messages_.begin(), messages_.end(), is_same)) > history_) {
    messages_.erase(std::find_if(messages_.begin(), messages_.end(), is_same));
  }
}

const stored* fake_stream::last_of(std::string_view subject) const {
  const auto found = std::find_if(messages_.rbegin(), messages_.rend(),
                                  [&](const stored& m) { return m.subject == subject; });
  return found == messages_.rend() ? nullptr : &*found;
}

const stored* fake_stream::at(std::uint64_t sequence) const {
  const auto found = std::find_if(messages_.begin(), messages_.end(),
                                  [&](const stored& m) { return m.sequence == sequence; });
  return found == messages_.end() ? nullptr : &*found;
}

std::string fake_stream::info_json() const {
  const std::uint64_t first = messages_.empty() ? last_ + 1 : messages_.front().sequence;
  std::string config = config_;
  if (config.find("duplicate_window") == config.npos) {
    config.insert(config.size() - 1, R"(,"duplicate_window":)" + std::to_string(duplicate_window_ns));
  }
  return R"({"type":"t","config":)" + config + R"(,"created":")" + created_ + R"(","state":{"messages":)" +
         std::to_string(messages_.size()) + R"(,"bytes":0,"first_seq":)" + std::to_string(first) +
         R"(,"last_seq":)" + std::to_string(last_) + "}}";
}

}  // namespace kvco::test
