// SPDX-License-Identifier: Apache-2.0
// Binary searches over the places where a class changes; ASCII never comes to them.
#include "text/char_class.h"

#include <algorithm>
#include <iterator>

#include "text/unicode.h"

namespace simile {
namespace {

#include "text/char_tables.inc"

constexpr uint32_t kLetterBit = 1;
constexpr uint32_t kNumberBit = 2;
constexpr uint32_t kWordBit = 4;
constexpr uint32_t kNumericBit = 8;
constexpr uint32_t kMarkBit = 16;
constexpr uint32_t kCharClassBits = 5;
constexpr uint32_t kGraphemeClassBits = 4;

// Hangul syllables are composed by arithmetic (The Unicode Standard, 3.12).
constexpr uint32_t kHangulBase = 0xac00;
constexpr uint32_t kHangulCount = 11172;
constexpr uint32_t kLeadBase = 0x1100;
constexpr uint32_t kLeadCount = 19;
constexpr uint32_t kVowelBase = 0x1161;
constexpr uint32_t kVowelCount = 21;
constexpr uint32_t kTrailBase = 0x11a7;
constexpr uint32_t kTrailCount = 28;

// The class of the last run that begins at or before code_point.
template <uint32_t kBits, size_t kSize>
uint32_t FindClass(const uint32_t (&runs)[kSize], uint32_t code_point) {
  const uint32_t* next =
      std::upper_bound(std::begin(runs), std::end(runs), code_point,
                       [](uint32_t a, uint32_t b) { return a < b >> kBits; });
  return next == runs ? 0 : *(next - 1) & ((1u << kBits) - 1);
}

constexpr bool IsAsciiLetter(uint32_t c) { return (c | 0x20) - 'a' < 26; }
constexpr bool IsAsciiDigit(uint32_t c) { return c - '0' < 10; }

bool HasClass(uint32_t code_point, uint32_t bit) {
  return (FindClass<kCharClassBits>(kCharRuns, code_point) & bit) != 0;
}

// The index of a character of the BMP that decomposes, or -1.
ptrdiff_t FindCanonical(uint32_t code_point) {
  const uint16_t* found =
      std::lower_bound(std::begin(kCanonicalFrom), std::end(kCanonicalFrom), code_point);
  if (found == std::end(kCanonicalFrom) || *found != code_point) return -1;
  return found - kCanonicalFrom;
}

// One step of a decomposition; false if there is none. second is 0 for one part.
bool FindParts(uint32_t code_point, uint32_t* first, uint32_t* second) {
  if (code_point < 0x10000) {
    const ptrdiff_t i = FindCanonical(code_point);
    if (i < 0) return false;
    *first = kCanonicalFirst[i];
    *second = kCanonicalSecond[i];
    return true;
  }
  for (size_t i = 0; i < std::size(kAstral); i += 4) {
    if (kAstral[i] != code_point) continue;
    *first = kAstral[i + 1];
    *second = kAstral[i + 2];
    return true;
  }
  return false;
}

// One step of a compatibility decomposition; 0 if there is none.
size_t FindCompatibility(uint32_t code_point, uint32_t* out) {
  const uint32_t* run =
      std::upper_bound(std::begin(kCompatibilityRuns), std::end(kCompatibilityRuns), code_point,
                       [](uint32_t a, uint32_t b) { return a < b >> 8; });
  if (run != kCompatibilityRuns) {
    const uint32_t distance = code_point - (*--run >> 8);
    if (distance <= (*run & 255)) {
      out[0] = kCompatibilityTo[run - kCompatibilityRuns] + distance;
      return 1;
    }
  }
  const uint32_t* found =
      std::lower_bound(std::begin(kCompatibilityFrom), std::end(kCompatibilityFrom), code_point,
                       [](uint32_t a, uint32_t b) { return a >> 5 < b; });
  if (found == std::end(kCompatibilityFrom) || *found >> 5 != code_point) return 0;
  const size_t count = *found & 31;
  std::copy_n(kCompatibilityParts + kCompatibilityBegin[found - kCompatibilityFrom], count, out);
  return count;
}

uint32_t ComposeHangul(uint32_t first, uint32_t second) {
  if (first - kLeadBase < kLeadCount && second - kVowelBase < kVowelCount) {
    return kHangulBase +
           ((first - kLeadBase) * kVowelCount + second - kVowelBase) * kTrailCount;
  }
  const uint32_t syllable = first - kHangulBase;
  const uint32_t trail = second - kTrailBase;
  if (syllable < kHangulCount && syllable % kTrailCount == 0 && trail - 1 < kTrailCount - 1) {
    return first + trail;
  }
  return 0;
}

}  // namespace

bool IsLetter(uint32_t c) { return c < 0x80 ? IsAsciiLetter(c) : HasClass(c, kLetterBit); }
bool IsNumber(uint32_t c) { return c < 0x80 ? IsAsciiDigit(c) : HasClass(c, kNumberBit); }
bool IsNumeric(uint32_t c) { return c < 0x80 ? IsAsciiDigit(c) : HasClass(c, kNumericBit); }
bool IsCombiningMark(uint32_t c) { return c >= 0x300 && HasClass(c, kMarkBit); }

bool IsWordChar(uint32_t c) {
  return c < 0x80 ? IsAsciiLetter(c) || IsAsciiDigit(c) || c == '_' : HasClass(c, kWordBit);
}

bool IsWhiteSpace(uint32_t c) {
  if (c < 0x85) return c == ' ' || (c >= 0x9 && c <= 0xd);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool IsPunctuation(uint32_t c) {
  if (c < 0x80) return c > ' ' && c < 0x7f && !IsAsciiLetter(c) && !IsAsciiDigit(c);
  return Classify(c).kind == CharKind::kPunctuation;
}

GraphemeClass ClassifyGrapheme(uint32_t code_point) {
  if (code_point >= 0x20 && code_point < 0x7f) return GraphemeClass::kOther;
  const uint32_t syllable = code_point - kHangulBase;
  if (syllable < kHangulCount) {
    return syllable % kTrailCount == 0 ? GraphemeClass::kLeadVowel
                                       : GraphemeClass::kLeadVowelTrail;
  }
  return static_cast<GraphemeClass>(FindClass<kGraphemeClassBits>(kGraphemeRuns, code_point));
}

size_t CanonicalParts(uint32_t code_point, uint32_t out[kMaxCanonicalParts]) {
  static_assert(kMaxCanonicalParts > kMaxBaseCharacters);
  const bool is_elsewhere = code_point - kHangulBase < kHangulCount ||
                            (code_point >= 0xf900 && code_point <= 0xfaff) ||
                            (code_point >= 0x2f800 && code_point <= 0x2fa1f);
  if (is_elsewhere) return BaseCharacters(code_point, out);
  // The first part may decompose further, the second never does.
  out[0] = code_point;
  size_t count = 1;
  uint32_t first = 0;
  uint32_t second = 0;
  while (count < kMaxCanonicalParts && FindParts(out[0], &first, &second)) {
    out[0] = first;
    if (second == 0) continue;
    std::copy_backward(out + 1, out + count, out + count + 1);
    out[1] = second;
    ++count;
  }
  return count;
}

size_t CompatibilityParts(uint32_t code_point, uint32_t out[kMaxCompatibilityParts]) {
  // Breadth is bounded: a part that stands for several is an ordinary character.
  uint32_t pending[kMaxCompatibilityParts] = {code_point};
  size_t pending_count = 1;
  size_t count = 0;
  while (pending_count > 0 && count < kMaxCompatibilityParts) {
    const uint32_t next = pending[--pending_count];
    uint32_t parts[kMaxCompatibilityParts];
    size_t part_count = FindCompatibility(next, parts);
    if (part_count == 0) {
      part_count = CanonicalParts(next, parts);
      if (part_count == 1 && parts[0] == next) {
        out[count++] = next;
        continue;
      }
    }
    if (pending_count + part_count > kMaxCompatibilityParts) break;
    while (part_count > 0) pending[pending_count++] = parts[--part_count];
  }
  return count;
}

uint32_t ComposePair(uint32_t first, uint32_t second) {
  if (const uint32_t hangul = ComposeHangul(first, second); hangul != 0) return hangul;
  if (first >= 0x10000) {
    for (size_t i = 0; i < std::size(kAstral); i += 4) {
      const bool is_pair = kAstral[i + 1] == first && kAstral[i + 2] == second;
      if (is_pair && kAstral[i + 3] != 0) return kAstral[i];
    }
    return 0;
  }
  const uint64_t wanted = uint64_t{first} << 32 | second;
  const auto key = [](uint16_t i) {
    return uint64_t{kCanonicalFirst[i]} << 32 | kCanonicalSecond[i];
  };
  const uint16_t* found =
      std::lower_bound(std::begin(kCompositionOrder), std::end(kCompositionOrder), wanted,
                       [&key](uint16_t i, uint64_t pair) { return key(i) < pair; });
  if (found == std::end(kCompositionOrder) || key(*found) != wanted) return 0;
  return kCanonicalFrom[*found];
}

uint8_t CombiningClass(uint32_t code_point) {
  return code_point < 0x300 ? 0 : Classify(code_point).combining_class;
}

}  // namespace simile
