// An entry's one allocation: its fields, then bucket, key and value. Made where replies and deliveries are handed out.
#include <kvco/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <kvco/detail/recycle.hpp>
#include <new>

namespace kvco {

std::string_view to_string(operation op) noexcept {
  switch (op) {
    case operation::put:
      return "PUT";
    case operation::erase:
      return "DEL";
    case operation::purge:
      return "PURGE";
  }
  return "";
}

/// The bytes of the bucket, the key and the value follow it in the same allocation. A watch may have hundreds of thousands of small
/// entries queued: so it has sizes instead of views, in 32 bits, because a message is smaller than 4 GiB.
struct entry::block {
  kvco::revision rev;
  std::uint64_t pending;
  std::int64_t created_ns;
  std::uint64_t value_size;
  const void* thread;  // that has allocated it
  std::uint32_t bucket_bytes, key_bytes, value_bytes;
  kvco::operation op;

  static block* make(const detail::entry_fields& from) {
    using memory = detail::entry_memory;
    block* made =
        ::new (memory::allocate(size_with(from.bucket.size() + from.key.size() + from.value.size())))
            block{.rev = from.rev,
                  .pending = from.pending,
                  .created_ns = from.created_ns,
                  .value_size = from.value_size,
                  .thread = memory::thread(),
                  .bucket_bytes = static_cast<std::uint32_t>(from.bucket.size()),
                  .key_bytes = static_cast<std::uint32_t>(from.key.size()),
                  .value_bytes = static_cast<std::uint32_t>(from.value.size()),
                  .op = from.op};
    char* end = reinterpret_cast<char*>(made + 1);
    for (const std::string_view each : {from.bucket, from.key, from.value})
      end = std::copy(each.begin(), each.end(), end);
    return made;
  }
  void free() noexcept {  // it has nothing to destroy
    using memory = detail::entry_memory;
    const std::size_t size = size_with(std::size_t{bucket_bytes} + key_bytes + value_bytes);
    thread == memory::thread() ? memory::free(this, size) : memory::free_foreign(this);
  }

  std::string_view bucket() const noexcept { return {bytes(), bucket_bytes}; }
  std::string_view key() const noexcept { return {bytes() + bucket_bytes, key_bytes}; }
  std::string_view value() const noexcept { return {bytes() + bucket_bytes + key_bytes, value_bytes}; }
  detail::entry_fields fields() const noexcept {
    return {bucket(), key(), value(), value_size, rev, pending, created_ns, op};
  }

 private:
  static std::size_t size_with(std::size_t bytes) noexcept { return sizeof(block) + bytes; }
  const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
};

entry::entry(const detail::entry_fields& fields) : block_(block::make(fields)) {}

entry::entry(const entry& other) : block_(other.block_ ? block::make(other.block_->fields()) : nullptr) {}

void entry::free() noexcept { block_->free(); }

std::string_view entry::bucket() const noexcept { return block_ ? block_->bucket() : std::string_view(); }

std::string_view entry::key() const noexcept { return block_ ? block_->key() : std::string_view(); }

std::string_view entry::value() const noexcept { return block_ ? block_->value() : std::string_view(); }

std::uint64_t entry::value_size() const noexcept { return block_ ? block_->value_size : 0; }

revision entry::revision() const noexcept { return block_ ? block_->rev : 0; }

operation entry::operation() const noexcept { return block_ ? block_->op : kvco::operation::put; }

std::chrono::system_clock::time_point entry::created() const noexcept {
  using std::chrono::system_clock;
  const std::chrono::nanoseconds since_epoch(block_ ? block_->created_ns : 0);
  return system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(since_epoch));
}

std::uint64_t entry::delta() const noexcept { return block_ ? block_->pending : 0; }

}  // namespace kvco
