// Credentials as a function of the program gives them.
#include <kvco/auth/credentials.hpp>

namespace kvco {

using detail::secret;

credentials credentials::user(std::string_view name, std::string_view password) {
  credentials made;
  made.parts_.user = secret(name);
  made.parts_.password = secret(password);
  return made;
}

credentials credentials::token(std::string_view token) {
  credentials made;
  made.parts_.token = secret(token);
  return made;
}

credentials credentials::nkey(std::string_view seed) {
  credentials made;
  made.parts_.seed = secret(seed);
  return made;
}

credentials credentials::jwt(std::string_view jwt, std::string_view seed) {
  credentials made;
  made.parts_.jwt = secret(jwt);
  made.parts_.seed = secret(seed);
  return made;
}

credentials credentials::creds(std::string_view text) {
  credentials made;
  made.parts_.creds = secret(text);
  return made;
}

}  // namespace kvco
