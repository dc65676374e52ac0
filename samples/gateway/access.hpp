// Who may use the gateway.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http.hpp"
#include "problem.hpp"

namespace gateway {

/// Three checks. A page of another origin is refused, so that a web site cannot use the gateway of a visitor. Without a token the
/// gateway serves this machine only, and only under its own names, so that no other name can be made to lead here (DNS rebinding).
/// With a token every request to the API needs it: `Authorization: Bearer ...`, or the cookie of a session that was opened with it.
class access {
 public:
  explicit access(std::string token);

  std::optional<problem> refusal(const request& from) const;
  /// The value of Set-Cookie for a session.
  std::string session_cookie() const;

 private:
  bool has_token(const request& from) const;

  std::string token_, session_;
};

bool is_loopback_name(std::string_view host) noexcept;

}  // namespace gateway
