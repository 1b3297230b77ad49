// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace simile {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

// What a lead byte says: how many bytes follow, and the bounds of the first of
// them, which exclude overlong forms, surrogates and values past U+10FFFF.
struct Lead {
  uint32_t trailing;  // 0: not a lead byte
  uint8_t first_min;
  uint8_t first_max;
};

Lead ReadLead(uint8_t byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {1, 0x80, 0xbf};
  if (byte >= 0xe0 && byte <= 0xef) {
    const uint8_t min = byte == 0xe0 ? 0xa0 : 0x80;
    const uint8_t max = byte == 0xed ? 0x9f : 0xbf;
    return {2, min, max};
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    const uint8_t min = byte == 0xf0 ? 0x90 : 0x80;
    const uint8_t max = byte == 0xf4 ? 0x8f : 0xbf;
    return {3, min, max};
  }
  return {0, 0, 0};
}

// Unlike DecodeUtf8's U+FFFD, tells an error from a U+FFFD that is in the text.
bool Decode(std::string_view text, size_t position, DecodedCodePoint* out) {
  const uint8_t byte = static_cast<uint8_t>(text[position]);
  if (byte < 0x80) {
    *out = {byte, 1};
    return true;
  }
  const Lead lead = ReadLead(byte);
  // A lead byte of n trailing bytes carries 6 - n bits itself.
  uint32_t code_point = byte & (0x3fu >> lead.trailing);
  uint8_t min = lead.first_min;
  uint8_t max = lead.first_max;
  for (uint32_t i = 1; i <= lead.trailing; ++i) {
    const uint8_t next =
        position + i < text.size() ? static_cast<uint8_t>(text[position + i]) : 0;
    if (next < min || next > max) {
      *out = {kReplacement, i};  // the bytes so far are one maximal invalid part
      return false;
    }
    code_point = code_point << 6 | (next & 0x3f);
    min = 0x80;
    max = 0xbf;
  }
  if (lead.trailing == 0) {
    *out = {kReplacement, 1};
    return false;
  }
  *out = {code_point, lead.trailing + 1};
  return true;
}

char Byte(uint32_t value) { return static_cast<char>(static_cast<uint8_t>(value)); }

}  // namespace

DecodedCodePoint DecodeUtf8(std::string_view text, size_t position) {
  DecodedCodePoint decoded;
  Decode(text, position, &decoded);
  return decoded;
}

size_t EncodeUtf8(uint32_t code_point, char* out) {
  if (code_point < 0x80) {
    out[0] = Byte(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = Byte(0xc0 | code_point >> 6);
    out[1] = Byte(0x80 | (code_point & 0x3f));
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = Byte(0xe0 | code_point >> 12);
    out[1] = Byte(0x80 | (code_point >> 6 & 0x3f));
    out[2] = Byte(0x80 | (code_point & 0x3f));
    return 3;
  }
  out[0] = Byte(0xf0 | code_point >> 18);
  out[1] = Byte(0x80 | (code_point >> 12 & 0x3f));
  out[2] = Byte(0x80 | (code_point >> 6 & 0x3f));
  out[3] = Byte(0x80 | (code_point & 0x3f));
  return 4;
}

bool IsValidUtf8(std::string_view text) {
  DecodedCodePoint decoded;
  for (size_t i = 0; i < text.size(); i += decoded.size_bytes) {
    if (!Decode(text, i, &decoded)) return false;
  }
  return true;
}

}  // namespace simile
