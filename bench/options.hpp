// The options of the command line.
#pragma once

#include <bench/catalogue.hpp>
#include <bench/targets.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kvco::bench {

struct options {
  sizes how_much;
  bool quick = false, list = false, targets_only = false;
  std::string filter;                       // a regular expression: only workloads whose names have it
  std::string json, plot;                   // a file; a folder
  std::string contestant;                   // be this one, for the process that started us
  std::string get;                          // print the value of this key
  std::string go_peer;                      // its executable
  std::string certificates;                 // write them to this folder, for the servers
  std::map<std::string, std::string> urls;  // of transports other than NATS_URL's, by scheme
  std::optional<compile_times> compile;
};

struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

options parse_options(const std::vector<std::string>& arguments);

}  // namespace kvco::bench
