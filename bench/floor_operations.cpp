// The floor of single operations: requests that were encoded beforehand, replies that are only checked.
#include <bench/floor.hpp>
#include <bench/key_turns.hpp>
#include <bench/meter.hpp>
#include <bench/program.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

namespace kvco::bench::floor_client {
namespace {

using frame = raw_client::frame;
using reply = raw_client::reply;

std::string update_of(std::string_view key, std::uint64_t revision, std::string_view value,
                      std::string_view reply_subject) {
  const std::string header =
      "NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: " + std::to_string(revision) + "\r\n\r\n";
  return "HPUB $KV." + std::string(bucket_name) + "." + std::string(key) + " " + std::string(reply_subject) +
         " " + std::to_string(header.size()) + " " + std::to_string(header.size() + value.size()) + "\r\n" +
         header + std::string(value) + "\r\n";
}

std::uint64_t number_after(std::string_view text, std::string_view what) {
  const std::size_t at = text.find(what);
  std::uint64_t value = 0;
  if (at != std::string_view::npos) {
    const char* first = text.data() + at + what.size();
    while (first != text.data() + text.size() && *first == ' ') ++first;  // servers up to 2.10
    std::from_chars(first, text.data() + text.size(), value);
  }
  return value;
}

std::uint64_t acknowledged(const frame& answer) {
  raw_client::check(reply::pub_ack, answer);
  return number_after(answer.payload, "\"seq\":");
}

/// The requests of a work, one after the other.
class requests {
 public:
  requests(raw_client& raw, const task& what)
      : raw_(raw), what_(what), value_(what.value, 'v'), turns_(what.keys) {
    if (what.work == "update") learn_revisions();
  }

  /// Known beforehand, but for the number in the reply subject, and updates.
  void encode_beforehand() {
    if (what_.work == "update") return;
    const std::size_t kinds = what_.work == "mixed" ? 4 : 1;
    for (std::size_t i = 0; i < std::max(what_.keys, kinds); ++i) {
      encoded_.push_back(encode(i, i % what_.keys, raw_.reply_subject()));
      reply_ends_.push_back(encoded_.back().find(raw_.reply_subject()) + raw_.reply_subject().size());
    }
  }
  void append(std::string& out, std::size_t number) {
    if (!encoded_.empty()) {
      const std::size_t begin = out.size(), turn = number % encoded_.size();
      out += encoded_[turn];
      raw_client::number_reply(out, begin + reply_ends_[turn], number);
    } else {
      const std::size_t key = number % what_.keys;
      out += update_of(names_[key], turns_.revision(key), value_, raw_.reply_subject());
    }
  }
  /// Replies to one connection's updates come in the order of the updates.
  void on_reply(const frame& answer) {
    if (what_.work == "update") {
      turns_.revision(answered_++ % what_.keys) = acknowledged(answer);
    } else {
      check(answer);
    }
  }

  /// With a reply subject for each, which identifies the request that was answered.
  void append_single(std::string& out, std::size_t number) {
    const std::size_t key = what_.work == "update" ? turns_.begin(number) : number % what_.keys;
    out += encode(number, key, "L." + std::to_string(number));
  }
  std::size_t on_single_reply(const frame& answer) {
    const std::size_t number = number_after(answer.subject(), "L.");
    if (what_.work == "update") {
      turns_.end(number, acknowledged(answer));
    } else {
      check(answer);
    }
    return number;
  }

 private:
  void learn_revisions() {
    names_.reserve(what_.keys);
    for (std::size_t i = 0; i < what_.keys; ++i) names_.push_back(key_name(i));
    std::size_t key = 0;
    raw_.pipeline(
        what_.keys, 1024,
        [&](std::string& out, std::size_t i) {
          out += encode_put(bucket_name, names_[i], value_, raw_.reply_subject());
        },
        [&](const frame& answer) {
          turns_.revision(key++) = acknowledged(answer);
          return true;
        });
  }

  bool is_put(std::size_t number) const {
    return what_.work == "put" || (what_.work == "mixed" && is_put_of_mixed(number));
  }
  std::string encode(std::size_t number, std::size_t key, std::string_view reply_subject) const {
    if (what_.work == "update") return update_of(names_[key], turns_.revision(key), value_, reply_subject);
    const std::string name = key_name(key);
    return is_put(number) ? encode_put(bucket_name, name, value_, reply_subject)
                          : encode_get(bucket_name, name, reply_subject);
  }
  // A mixed reply is checked by its own form: puts are never answered with headers, gets always are.
  void check(const frame& answer) const {
    const bool put = what_.work == "put" || (what_.work == "mixed" && answer.header.empty());
    raw_client::check(put ? reply::pub_ack : reply::direct_get, answer);
  }

  raw_client& raw_;
  const task& what_;
  std::string value_;
  key_turns turns_;
  std::vector<std::string> names_, encoded_;
  std::vector<std::size_t> reply_ends_;
  std::size_t answered_ = 0;
};

outcome closed_loop(raw_client& raw, requests& all, const task& what) {
  all.encode_beforehand();
  meter spent(what.operations);
  raw.pipeline(
      what.operations, what.flight, [&](std::string& out, std::size_t i) { all.append(out, i); },
      [&](const frame& answer) {
        all.on_reply(answer);
        spent.done();
        return true;
      });
  return spent.finish();
}

outcome by_schedule(raw_client& raw, requests& all, const task& what) {
  histogram latency;
  std::string out;
  std::size_t sent = 0, answered = 0;
  meter spent(what.operations);
  const schedule plan(what.rate);
  while (answered < what.operations) {
    out.clear();
    while (sent < what.operations && plan.due(sent) <= clock::now()) all.append_single(out, sent++);
    raw.send(out);
    const auto patience = clock::now() + std::chrono::seconds(30);
    if (!raw.fill(sent < what.operations ? plan.due(sent) : patience)) {
      if (sent == what.operations) throw std::runtime_error("the server is silent");
      continue;
    }
    const auto now = clock::now();
    for (frame found; raw.next(found);) {
      if (found.line.find("MSG ") > 1) continue;
      latency.add(plan.late(all.on_single_reply(found), now));
      ++answered;
      spent.done();
    }
  }
  outcome result = spent.finish();
  result.latency = latency;
  return result;
}

}  // namespace

outcome operations(raw_client& raw, const task& what) {
  requests all(raw, what);
  return what.rate > 0 ? by_schedule(raw, all, what) : closed_loop(raw, all, what);
}

// Attempts to change one key that all but lose: a get, and an update that comes too late.
outcome contention(raw_client& raw, const task& what) {
  raw.pipeline(2, 2, reply::pub_ack, [&](std::string& out, std::size_t) {
    out += encode_put(bucket_name, key_name(0), "0", raw.reply_subject());
  });
  const std::string get = encode_get(bucket_name, key_name(0), raw.reply_subject());
  const std::string late = update_of(key_name(0), 1, "0", raw.reply_subject());
  meter spent(what.operations);
  raw.pipeline(
      2 * what.operations, 2 * what.flight,
      [&](std::string& out, std::size_t i) { out += i % 2 == 0 ? get : late; },
      [&](const frame& answer) {
        if (answer.header.empty()) {
          if (answer.payload.find("10071") == std::string_view::npos) acknowledged(answer);  // throws
          spent.done();
        } else {
          raw_client::check(reply::direct_get, answer);
        }
        return true;
      });
  return spent.finish();
}

// Each put is answered with a line -ERR, or its reply where the server denies this user nothing.
outcome denied(raw_client&, const task& what) {
  raw_client raw(denied_url());
  raw.take_errors();
  std::string out;
  for (std::size_t i = 0; i < what.operations; ++i)
    out += encode_put(bucket_name, key_name(i), "v", raw.reply_subject());
  meter spent(what.operations);
  raw.send(out);
  for (std::size_t answered = 0; answered < what.operations;) {
    const frame found = raw.wait();
    if (found.line.starts_with("MSG ")) throw not_offered("this server denies its user `denied` nothing");
    if (!found.line.starts_with("-ERR")) continue;
    ++answered;
    spent.done();
  }
  return spent.finish();
}

outcome command_get(const task& what) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  return run_gets({self.string(), "--get"}, what);
}

// Up to 500 keys in one request (nats-server 2.11), one request after the other.
outcome get_many(raw_client& raw, const task& what) {
  constexpr std::size_t most = 500;
  const std::string subject = "$JS.API.DIRECT.GET.KV_" + std::string(bucket_name);
  std::vector<std::size_t> keys(what.operations);
  std::iota(keys.begin(), keys.end(), std::size_t{0});
  if (what.work == "get_many_shuffled") std::shuffle(keys.begin(), keys.end(), std::minstd_rand(1));
  std::vector<std::string> asked;
  for (std::size_t first = 0; first < what.operations; first += most) {
    std::string body = R"({"multi_last":[)";
    for (std::size_t i = first; i < std::min(first + most, what.operations); ++i) {
      body += (i == first ? "\"$KV." : ",\"$KV.") + std::string(bucket_name) + '.' + key_name(keys[i]) + '"';
    }
    body += "]}";
    asked.push_back("PUB " + subject + " R.0 " + std::to_string(body.size()) + "\r\n" + body + "\r\n");
  }
  meter spent(what.operations);
  raw.pipeline(
      asked.size(), 2, [&](std::string& out, std::size_t i) { out += asked[i]; },
      [&](const frame& answer) {
        if (answer.header.starts_with("NATS/1.0 204")) return true;
        if (answer.header.starts_with("NATS/1.0 408")) throw not_offered("this server has no multi_last");
        raw_client::check(reply::direct_get, answer);
        spent.done();
        return false;
      });
  return spent.finish();
}

}  // namespace kvco::bench::floor_client
