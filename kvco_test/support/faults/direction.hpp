// Which way bytes go between a client and its server.
#pragma once

namespace kvco::test {

enum class direction { to_client, to_server };

}  // namespace kvco::test
