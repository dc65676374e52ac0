// A program that ends in the middle of everything.
#pragma once

#include <random>
#include <string>

namespace kvco::chaos::soak {

/// A client on an io_context of its own begins operations and watches on `torn`, and some milliseconds later all of it is
/// destroyed, in one order or another.
void end_abruptly(const std::string& url, std::mt19937_64& random);

}  // namespace kvco::chaos::soak
