// Bytes of a fixed size that more than one may hold, in one block of recycled memory with their count.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <kvco/detail/recycle.hpp>
#include <kvco/detail/secret.hpp>
#include <new>
#include <string_view>

namespace kvco::detail {

/// Counted without atomics: a client and all that hangs on it belong to one thread.
class byte_block {
 public:
  using pointer = boost::intrusive_ptr<byte_block>;

  /// `size` bytes to be written to data().
  static pointer make(std::size_t size) {
    return pointer(new (operation_memory::allocate(sizeof(byte_block) + size)) byte_block(size));
  }
  /// They are overwritten before the memory is used for anything else.
  static pointer make_secret(std::size_t size) {
    pointer made = make(size);
    made->secret_ = true;
    return made;
  }

  char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
  const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  std::size_t size() const noexcept { return size_; }
  std::uint32_t holders() const noexcept { return holders_; }
  std::string_view view() const noexcept { return {data(), size_}; }

 private:
  explicit byte_block(std::size_t size) noexcept : size_(size) {}
  ~byte_block() = default;
  void free() noexcept {
    if (secret_) [[unlikely]]
      overwrite(data(), size_);
    operation_memory::free(this, sizeof(byte_block) + size_);
  }

  friend void intrusive_ptr_add_ref(const byte_block* block) noexcept { ++block->holders_; }
  friend void intrusive_ptr_release(const byte_block* block) noexcept {
    if (--block->holders_ == 0) const_cast<byte_block*>(block)->free();
  }

  std::size_t size_;
  mutable std::uint32_t holders_ = 0;
  bool secret_ = false;
};

}  // namespace kvco::detail
