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
  model_.set_history(parsed.at("max_msgs_per_subject").to_number<std::size_t>());
  const boost::json::value* direct = parsed.as_object().if_contains("allow_direct");
  allows_direct_ = direct && direct->is_bool() && direct->get_bool();
}

fake_stream::stored_or_error fake_stream::store(const std::string& subject, const std::string& header,
                                                const std::string& payload, std::int64_t now_ns) {
  const std::string id = header_value(header, "Nats-Msg-Id");
  const auto known = ids_.find(id);
  const bool again = !id.empty() && known != ids_.end() && now_ns < known->second.at_ns + duplicate_window_ns;
  if (again && looks_at_ids_first) return {known->second.sequence, 0, {}, true};
  const std::vector<std::uint64_t> before = revisions_of(subject);
  const std::uint64_t last = before.empty() ? 0 : before.back();
  const std::string expected = header_value(header, "Nats-Expected-Last-Subject-Sequence");
  if (!expected.empty() && expected != std::to_string(last)) {
    return {0, 10071, "wrong last sequence: " + std::to_string(last)};
  }
  if (again) return {known->second.sequence, 0, {}, true};
  const std::string op = header_value(header, "KV-Operation");
  const std::uint64_t made = model_.write(subject, payload, header,
                                          op == "DEL"     ? operation::erase
                                          : op == "PURGE" ? operation::purge
                                                          : operation::put);
  if (header_value(header, "Nats-Rollup") == "sub") {
    for (const std::uint64_t old : before) model_.expire(old);
  }
  if (!id.empty()) ids_[id] = {made, now_ns};
  return {made, 0, {}};
}

std::vector<std::uint64_t> fake_stream::revisions_of(std::string_view subject) const {
  const auto found = model_.keys().find(subject);
  return found == model_.keys().end() ? std::vector<std::uint64_t>() : found->second;
}

std::size_t fake_stream::purge(std::string_view subject, std::uint64_t below) {
  std::size_t count = 0;
  std::vector<std::uint64_t> all = revisions_of(subject);
  if (subject == ">") {
    for (const stored& each : messages()) all.push_back(each.seq);
  }
  for (const std::uint64_t sequence : all) {
    if (sequence < below && model_.expire(sequence)) ++count;
  }
  return count;
}

const stored* fake_stream::next_of(std::string_view subject, std::uint64_t from) const {
  for (const std::uint64_t sequence : revisions_of(subject)) {
    if (sequence >= from) return &model_.at(sequence);
  }
  return nullptr;
}

const stored* fake_stream::last_of(std::string_view subject) const {
  const auto found = model_.keys().find(subject);
  return found == model_.keys().end() ? nullptr : &model_.at(found->second.back());
}

const stored* fake_stream::at(std::uint64_t sequence) const {
  return model_.has(sequence) ? &model_.at(sequence) : nullptr;
}

std::string fake_stream::info_json() const {
  std::string config = config_;
  if (config.find("duplicate_window") == config.npos) {
    config.insert(config.size() - 1, R"(,"duplicate_window":)" + std::to_string(duplicate_window_ns));
  }
  return R"({"type":"t","config":)" + config + R"(,"created":")" + created_ + R"(","state":{"messages":)" +
         std::to_string(std::ranges::distance(messages())) + R"(,"bytes":0,"first_seq":)" +
         std::to_string(model_.first()) + R"(,"last_seq":)" + std::to_string(model_.last()) + "}}";
}

}  // namespace kvco::test
