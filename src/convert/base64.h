// SPDX-License-Identifier: Apache-2.0
// Base64 as JSON files carry bytes in it (RFC 4648, with padding).

#ifndef SIMILE_CONVERT_BASE64_H_
#define SIMILE_CONVERT_BASE64_H_

#include <cstdint>
#include <string_view>

#include "base/buffer.h"

namespace simile {

// Appends the bytes; false if the text is no base64, or memory is out.
inline bool DecodeBase64(std::string_view text, Buffer<uint8_t>* bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1 || !bytes->Reserve(bytes->size() + text.size() / 4 * 3 + 3).ok()) {
    return false;
  }
  uint32_t bits = 0;
  uint32_t bit_count = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    if (!bytes->Append(static_cast<uint8_t>(bits >> bit_count)).ok()) return false;
  }
  return true;
}

}  // namespace simile

#endif  // SIMILE_CONVERT_BASE64_H_
