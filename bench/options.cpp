// The command line. See the header.
#include <bench/options.hpp>

namespace kvco::bench {
namespace {

constexpr auto usage =
    "usage: bench [--quick] [--targets] [--filter REGEX] [--rounds N] [--json FILE] [--plot FOLDER] "
    "[--list]\n"
    "  --quick        small sizes, one round: that it works, not how fast it is; targets are not judged\n"
    "  --targets      only the workloads of the targets, and whether they are met\n"
    "  --filter       only workloads and layers whose names match\n"
    "  --rounds       of each contestant (default 5)\n"
    "  --plot         writes throughput.svg and keys.svg\n"
    "  --get KEY: does that once, to be measured as a program\n"
    "  --go-peer FILE, --compile-times KVCO,ASIO, --server URL, --certificates FOLDER: given by bench/run\n";

int positive(const std::string& text) {
  try {
    if (const int number = std::stoi(text); number > 0) return number;
  } catch (const std::exception&) {  // not a number
  }
  throw usage_error("bench: " + text + " is no positive number\n");
}

compile_times parse_times(const std::string& text) {
  try {
    return {std::stod(text), std::stod(text.substr(text.find(',') + 1))};
  } catch (const std::exception&) {
    throw usage_error("bench: --compile-times takes two numbers of seconds\n");
  }
}

}  // namespace

options parse_options(const std::vector<std::string>& arguments) {
  options asked;
  int rounds = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--quick") {
      asked.how_much = sizes::quick();
      asked.quick = true;
    } else if (name == "--targets") {
      asked.targets_only = true;
    } else if (name == "--list") {
      asked.list = true;
    } else if (i + 1 == arguments.size()) {
      throw usage_error(usage);
    } else if (const std::string& value = arguments[++i]; name == "--filter") {
      asked.filter = value;
    } else if (name == "--rounds") {
      rounds = positive(value);
    } else if (name == "--json") {
      asked.json = value;
    } else if (name == "--plot") {
      asked.plot = value;
    } else if (name == "--contestant") {
      asked.contestant = value;
    } else if (name == "--get") {
      asked.get = value;
    } else if (name == "--go-peer") {
      asked.go_peer = value;
    } else if (name == "--certificates") {
      asked.certificates = value;
    } else if (name == "--server") {
      asked.urls[value.substr(0, value.find(':'))] = value;
    } else if (name == "--compile-times") {
      asked.compile = parse_times(value);
    } else {
      throw usage_error(usage);
    }
  }
  if (rounds != 0) asked.how_much.rounds = rounds;
  return asked;
}

}  // namespace kvco::bench
