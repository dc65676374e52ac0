// An entry's one allocation: its fields, then bucket, key and value. Made where replies and deliveries are handed out.
#include <kvco/entry.hpp>

#include <algorithm>
#include <cstddef>
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

/// The bytes follow it in the same allocation. `fields` has views of these bytes only.
struct entry::block {
  detail::entry_fields fields;
  const void* thread;  // that has allocated it

  static block* make(const detail::entry_fields& from) {
    using memory = detail::entry_memory;
    block* made = ::new (memory::allocate(size_with(from))) block{from, memory::thread()};
    char* end = reinterpret_cast<char*>(made + 1);
    made->fields.bucket = append(end, from.bucket);
    made->fields.key = append(end, from.key);
    made->fields.value = append(end, from.value);
    return made;
  }
  void free() noexcept {  // it has nothing to destroy
    using memory = detail::entry_memory;
    thread == memory::thread() ? memory::free(this, size_with(fields)) : memory::free_foreign(this);
  }

 private:
  static std::size_t size_with(const detail::entry_fields& from) noexcept {
    return sizeof(block) + from.bucket.size() + from.key.size() + from.value.size();
  }
  static std::string_view append(char*& end, std::string_view bytes) noexcept {
    char* begin = end;
    end = std::copy(bytes.begin(), bytes.end(), begin);
    return {begin, bytes.size()};
  }
};

entry::entry(const detail::entry_fields& fields) : block_(block::make(fields)) {}

entry::entry(const entry& other) : block_(other.block_ ? block::make(other.block_->fields) : nullptr) {}

void entry::free() noexcept { block_->free(); }

std::string_view entry::bucket() const noexcept {
  return block_ ? block_->fields.bucket : std::string_view();
}

std::string_view entry::key() const noexcept { return block_ ? block_->fields.key : std::string_view(); }

std::string_view entry::value() const noexcept { return block_ ? block_->fields.value : std::string_view(); }

std::uint64_t entry::value_size() const noexcept { return block_ ? block_->fields.value_size : 0; }

revision entry::revision() const noexcept { return block_ ? block_->fields.rev : 0; }

operation entry::operation() const noexcept { return block_ ? block_->fields.op : kvco::operation::put; }

std::chrono::system_clock::time_point entry::created() const noexcept {
  using std::chrono::system_clock;
  const std::chrono::nanoseconds since_epoch(block_ ? block_->fields.created_ns : 0);
  return system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(since_epoch));
}

std::uint64_t entry::delta() const noexcept { return block_ ? block_->fields.pending : 0; }

}  // namespace kvco
