// Everything: a C++20 coroutine SDK for NATS JetStream Key-Value.
#pragma once

#include <kvco/auth/credentials.hpp>
#include <kvco/auth/load_config.hpp>
#include <kvco/blocking.hpp>
#include <kvco/bucket.hpp>
#include <kvco/bucket_config.hpp>
#include <kvco/bucket_status.hpp>
#include <kvco/client.hpp>
#include <kvco/config.hpp>
#include <kvco/connect.hpp>
#include <kvco/diagnostics.hpp>
#include <kvco/entry.hpp>
#include <kvco/error.hpp>
#include <kvco/many.hpp>
#include <kvco/observe/events.hpp>
#include <kvco/observe/health.hpp>
#include <kvco/observe/log.hpp>
#include <kvco/observe/operations.hpp>
#include <kvco/observe/prometheus.hpp>
#include <kvco/options.hpp>
#include <kvco/server_info.hpp>
#include <kvco/token.hpp>
#include <kvco/value_view.hpp>
#include <kvco/version.hpp>
#include <kvco/watcher.hpp>
