// SPDX-License-Identifier: Apache-2.0
// UTF-8, decoded as the WHATWG Encoding Standard does: each maximal invalid
// part becomes one U+FFFD. No property of any character lives here.

#ifndef SIMILE_BASE_UTF8_H_
#define SIMILE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace simile {

struct DecodedCodePoint {
  uint32_t code_point;
  uint32_t size_bytes;  // 1…4 bytes of the input
};

// Decodes the code point at text[position]; position < text.size().
DecodedCodePoint DecodeUtf8(std::string_view text, size_t position);

// Writes 1…4 bytes to out; returns how many. code_point is a scalar value.
size_t EncodeUtf8(uint32_t code_point, char* out);

bool IsValidUtf8(std::string_view text);

}  // namespace simile

#endif  // SIMILE_BASE_UTF8_H_
