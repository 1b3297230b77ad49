// SPDX-License-Identifier: Apache-2.0
// How GPT-2 writes bytes as characters, so that a vocabulary of bytes is text.

#ifndef SIMILE_TEXT_BYTE_LEVEL_H_
#define SIMILE_TEXT_BYTE_LEVEL_H_

#include <cstdint>

namespace simile {

// The bytes that are visible in Latin-1 stand for themselves, the others, in their
// order, are U+0100 and following.
inline constexpr uint32_t ByteLevelChar(uint8_t byte) {
  if (byte <= 0x20) return 0x100u + byte;
  if (byte >= 0x7f && byte <= 0xa0) return 0x121u + (byte - 0x7fu);
  return byte == 0xad ? 0x143u : byte;
}

inline constexpr uint32_t kByteLevelSpace = ByteLevelChar(' ');  // Ġ

}  // namespace simile

#endif  // SIMILE_TEXT_BYTE_LEVEL_H_
