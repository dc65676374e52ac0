// Bytes that do not outlive their use: seeds, JWTs, and the text of the files that hold them.
#include <kvco/detail/secret.hpp>

#include <openssl/crypto.h>

namespace kvco::detail {

void overwrite(char* bytes, std::size_t size) noexcept { OPENSSL_cleanse(bytes, size); }

secret::~secret() { overwrite(bytes_.data(), bytes_.size()); }

void secret::shrink(std::size_t size) noexcept {
  if (size >= bytes_.size()) return;
  overwrite(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

}  // namespace kvco::detail
