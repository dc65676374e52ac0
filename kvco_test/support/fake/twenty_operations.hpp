// A session of twenty operations beside a watch, with the rules by which its results are judged whatever happened.
#pragma once

#include <kvco_test/support/fake/lab.hpp>
#include <string>
#include <vector>

namespace kvco::test {

struct step_result {
  bool write = false;  // it stores something if it succeeds
  std::string name;
  int calls = 0;
  error_code code;
  std::string value;
  std::string expected;  // for reads: what the server would say
};

/// The session: connect, open, a watch, twenty operations one after the other, close. After each the next begins, whatever
/// came out. The server's log tells what each did (fake_server::label).
class twenty_operations {
 public:
  explicit twenty_operations(config settings = config("nats://a:4222"));

  /// Runs it to its end; the world may have been told to interfere.
  void run();
  /// Judges what came out by the contract: values are applied, definite errors are not, nothing is stored twice, reads say
  /// what the server says, the watch has everything once and in order.
  void judge();
  /// Closes the client; the reactor has nothing to do afterwards.
  void finish();
  /// All results in one text, to be compared.
  std::string text() const;

  lab in;
  bool connected = false;
  std::vector<step_result> results;
  std::vector<entry> watched;
  error_code watch_end;

 private:
  asio::awaitable<void> operate();
  asio::awaitable<void> watch();
  template <class Start>
  asio::awaitable<void> write(std::string name, Start start);
  template <class Start, class Expect>
  asio::awaitable<void> read(std::string name, Start start, Expect expect);
  revision last_of(std::string_view key);
  std::string stored_text(std::string_view key);
  void judge_write(int label, const step_result& result);
  void judge_watch();

  bool done_ = false;
  revision first_a_ = 1;
};

}  // namespace kvco::test
