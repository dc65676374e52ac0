// Nothing but reading Asio's coroutine headers.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

int main() {}
