// SPDX-License-Identifier: Apache-2.0
// Buffer<T>: the owner of every data-sized array in src/. It is aligned for
// SIMD and reports a failed allocation as a Status (the module is built without
// exceptions, where std::vector could only abort). Small strings and lists whose
// size a checked limit bounds stay in std containers.

#ifndef SIMILE_BASE_BUFFER_H_
#define SIMILE_BASE_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "base/status.h"

namespace simile {

// XNNPACK's kernels and ours may read (never write) this far past the end.
inline constexpr size_t kReadSlackBytes = 64;
inline constexpr size_t kAlignment = 64;

// size_bytes + kReadSlackBytes bytes aligned to kAlignment, or nullptr.
void* AllocateAligned(size_t size_bytes);
void FreeAligned(void* pointer);

// True if a further `size_bytes` can be had right now. Called before work whose
// many small allocations (JSON, names) cannot each be checked.
bool HasHeadroom(size_t size_bytes);

// Tests only: the n-th allocation from now on fails (0: the next); a negative
// number ends it. Affects the calling thread.
void FailAllocationForTest(int countdown);

template <typename T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  ~Buffer() { FreeAligned(data_); }
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  size_t size_bytes() const { return size_ * sizeof(T); }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  // Keeps the first min(old, new) elements; new ones are uninitialised.
  Status Resize(size_t size) {
    SIMILE_RETURN_IF_ERROR(Reserve(size));
    size_ = size;
    return Status();
  }

  Status Reserve(size_t capacity) {
    if (capacity <= capacity_) return Status();
    if (capacity > (SIZE_MAX / 2) / sizeof(T)) return TooLarge(SIZE_MAX);
    T* grown = static_cast<T*>(AllocateAligned(capacity * sizeof(T)));
    if (grown == nullptr) return TooLarge(capacity * sizeof(T));
    if (size_ != 0) std::memcpy(grown, data_, size_ * sizeof(T));
    FreeAligned(data_);
    data_ = grown;
    capacity_ = capacity;
    return Status();
  }

  Status Append(const T& value) {
    if (size_ == capacity_) {
      const T copy = value;  // `value` may live in this buffer
      SIMILE_RETURN_IF_ERROR(Reserve(capacity_ < 16 ? 32 : capacity_ * 2));
      data_[size_++] = copy;
      return Status();
    }
    data_[size_++] = value;
    return Status();
  }

  Status Append(const T* values, size_t count) {
    if (count > capacity_ - size_) {
      const size_t doubled = capacity_ * 2;
      const size_t needed = size_ + count;
      SIMILE_RETURN_IF_ERROR(Reserve(needed > doubled ? needed : doubled));
    }
    if (count != 0) std::memcpy(data_ + size_, values, count * sizeof(T));
    size_ += count;
    return Status();
  }

  void Clear() { size_ = 0; }       // keeps the memory
  void Free() { *this = Buffer(); }  // gives it back

 private:
  static Status TooLarge(size_t size_bytes) {
    return OutOfMemory("cannot allocate " + std::to_string(size_bytes) + " bytes");
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace simile

#endif  // SIMILE_BASE_BUFFER_H_
