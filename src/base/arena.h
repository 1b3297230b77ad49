// SPDX-License-Identifier: Apache-2.0
// Arena: the working memory of a session. A caller first adds up what it needs
// (Plan), then takes its pieces from one block that only ever grows, so that the
// steady state allocates nothing.

#ifndef SIMILE_BASE_ARENA_H_
#define SIMILE_BASE_ARENA_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

class Arena {
 public:
  // Forgets all pieces and makes sure that `size_bytes` can be taken (sum of
  // PieceBytes). Pieces taken before are invalid. kOutOfMemory leaves the arena
  // empty and usable.
  Status Reset(size_t size_bytes) {
    used_ = 0;
    if (size_bytes <= block_.size()) return Status();
    block_.Free();  // before the new one: never both
    return block_.Resize(size_bytes);
  }

  // What Take<T>(count) uses up.
  template <typename T>
  static constexpr size_t PieceBytes(size_t count) {
    return (count * sizeof(T) + kReadSlackBytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  // Uninitialised, aligned to kAlignment, readable kReadSlackBytes past its end.
  template <typename T>
  T* Take(size_t count) {
    uint8_t* piece = block_.data() + used_;
    used_ += PieceBytes<T>(count);
    return reinterpret_cast<T*>(piece);
  }

  size_t size_bytes() const { return block_.size(); }

 private:
  Buffer<uint8_t> block_;
  size_t used_ = 0;
};

}  // namespace simile

#endif  // SIMILE_BASE_ARENA_H_
