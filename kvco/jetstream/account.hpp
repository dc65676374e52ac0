// $JS.API.INFO -> the limits and the usage of an account.
#pragma once

#include <kvco/account_info.hpp>
#include <kvco/jetstream/replies.hpp>
#include <string_view>

namespace kvco::jetstream {

outcome<account_info> parse_account_info(std::string_view json);

}  // namespace kvco::jetstream
