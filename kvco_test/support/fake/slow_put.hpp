// A write that the server answers when the test says so.
#pragma once

#include <kvco_test/support/fake/lab.hpp>
#include <string>

namespace kvco::test {

/// A put to "slow", begun by the constructor; as long as it lives, nobody else answers puts to that key.
class slow_put {
 public:
  explicit slow_put(lab& in) : lab_(in) {
    in.server().script = [this](server_connection& conn, const client_frame& frame) {
      if (frame.subject != "$KV.B.slow") return false;
      conn_ = &conn;
      reply_ = frame.reply;
      return true;
    };
    in.kv.put("slow", "v", note{&result});
    in.run();
  }
  ~slow_put() { lab_.server().script = nullptr; }
  slow_put(const slow_put&) = delete;
  slow_put& operator=(const slow_put&) = delete;

  void answer() {
    const std::string ack = R"({"stream":"KV_B","seq":7})";
    lab_.server().say(*conn_, "MSG " + reply_ + " 1 " + std::to_string(ack.size()) + "\r\n" + ack + "\r\n");
  }

  outcome result;

 private:
  lab& lab_;
  server_connection* conn_ = nullptr;
  std::string reply_;
};

}  // namespace kvco::test
