// A contestant's process. See the header.
#include <bench/contestant.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace kvco::bench {
namespace {

outcome attempt(const works& offered, const task& what) {
  outcome result;
  try {
    const auto found = offered.find(what.work);
    if (found == offered.end()) throw not_offered("it has nothing of this kind");
    return found->second(what);
  } catch (const not_offered& reason) {
    result.absent = reason.what();
  } catch (const std::exception& failure) {
    result.failure = failure.what();
  }
  return result;
}

}  // namespace

int serve(const works& offered) {
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer = encode(attempt(offered, decode_task(line)));
    std::replace(answer.begin(), answer.end(), '\n', ' ');  // of an error's text
    std::cout << answer << std::endl;
  }
  return 0;
}

std::string server_url() {
  const char* url = std::getenv("NATS_URL");
  return url != nullptr ? url : "nats://127.0.0.1:4222";
}

std::string denied_url() {
  std::string url = server_url();
  const std::size_t end = url.find("://");
  return url.insert(end == std::string::npos ? 0 : end + 3, "denied:denied@");
}

std::string server_authority() {
  const char* file = std::getenv("KVCO_BENCH_CA");
  return file != nullptr ? file : "";
}

}  // namespace kvco::bench
