// A large array that is not written before it is used, on huge pages where the system offers them: rows of synapses are
// read at random, and with 4 kB pages the address translation would cost more than the data.
#pragma once
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "core.hpp"

namespace nl {

inline constexpr std::size_t huge_page = std::size_t{1} << 21, large_buffer = huge_page / 4;

template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);
  T* data_ = nullptr;
  std::size_t size_ = 0;

 public:
  Buffer() = default;
  explicit Buffer(std::size_t n) : size_(n) {
    if (n == 0) return;
    const std::size_t bytes = n * sizeof(T);
    const bool large = bytes >= large_buffer;
    const std::size_t align = large ? huge_page : 64;
    const std::size_t room = (bytes + align - 1) / align * align;
    data_ = static_cast<T*>(std::aligned_alloc(align, room));
    if (!data_) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (large) madvise(data_, room, MADV_HUGEPAGE);  // whole pages, or the last one stays small
#endif
  }
  Buffer(std::size_t n, T value) : Buffer(n) {
    for (std::size_t i = 0; i < n; ++i) data_[i] = value;
  }
  Buffer(Buffer&& o) noexcept : data_(std::exchange(o.data_, nullptr)), size_(std::exchange(o.size_, 0)) {}
  Buffer& operator=(Buffer&& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return size_ * sizeof(T); }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
};

}  // namespace nl
