// SPDX-License-Identifier: Apache-2.0
// DoubleArray: a trie of byte strings in one array of 32-bit units, walked in
// place; and its builder. The layout is that of Darts-clone, in which the
// character maps of sentencepiece models come.
// Reference: J. Aoe, An efficient digital search algorithm by using a
// double-array structure, 1989; S. Yata, Darts-clone.

#ifndef SIMILE_TEXT_DOUBLE_ARRAY_H_
#define SIMILE_TEXT_DOUBLE_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

class DoubleArray {
 public:
  static constexpr uint32_t kNoValue = 0xffffffff;

  DoubleArray() = default;
  // The units stay the caller's. Whatever they are, no walk leaves them.
  DoubleArray(const uint32_t* units, size_t count) : units_(units), count_(count) {}

  // A place in the trie: the prefix that was walked so far.
  struct Cursor {
    uint32_t base = 0;
    uint32_t value = kNoValue;  // of the prefix, if it is a key
  };

  // The root; {0, kNoValue} if the array is empty.
  Cursor Begin() const {
    return count_ == 0 ? Cursor() : Cursor{OffsetOf(units_[0]), kNoValue};
  }

  // Walks one byte; false, and the cursor is spent, if no key goes on so.
  bool Walk(uint8_t byte, Cursor* cursor) const {
    const uint32_t position = cursor->base ^ byte;
    if (position >= count_ || byte == 0) return false;  // free units look like byte 0
    const uint32_t unit = units_[position];
    if ((unit & (kLeafBit | 0xff)) != byte) return false;
    cursor->base = position ^ OffsetOf(unit);
    cursor->value = kNoValue;
    if ((unit & kHasValueBit) != 0 && cursor->base < count_) {
      cursor->value = units_[cursor->base] & ~kLeafBit;
    }
    return true;
  }

  // The value of the whole key, or kNoValue.
  uint32_t Find(std::string_view key) const;

 private:
  static constexpr uint32_t kLeafBit = 1u << 31;
  static constexpr uint32_t kHasValueBit = 1u << 8;

  static uint32_t OffsetOf(uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); }

  const uint32_t* units_ = nullptr;
  size_t count_ = 0;
};

// keys: sorted by their bytes, unique, none empty, without zero bytes; values
// below 2^31. Appends the units to *units. kBadModel for keys that are not so, or
// that need more than 2^22 units; kOutOfMemory.
using KeyValue = std::pair<std::string_view, uint32_t>;
Status BuildDoubleArray(const std::vector<KeyValue>& keys, Buffer<uint32_t>* units);

}  // namespace simile

#endif  // SIMILE_TEXT_DOUBLE_ARRAY_H_
