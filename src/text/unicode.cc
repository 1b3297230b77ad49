// SPDX-License-Identifier: Apache-2.0
// Binary searches over sorted ranges: the smallest form of the tables by far,
// and fast enough, for ASCII never comes here (bert_normalizer.cc).
#include "text/unicode.h"

#include <algorithm>
#include <iterator>

namespace simile {
namespace {

#include "text/unicode_tables.inc"

// Hangul syllables are composed by arithmetic (The Unicode Standard, 3.12).
constexpr uint32_t kHangulBase = 0xac00;
constexpr uint32_t kHangulCount = 11172;
constexpr uint32_t kLeadBase = 0x1100;
constexpr uint32_t kVowelBase = 0x1161;
constexpr uint32_t kTrailBase = 0x11a7;
constexpr uint32_t kVowelCount = 21;
constexpr uint32_t kTrailCount = 28;

constexpr uint32_t kIdeographsF900Base = 0xf900;
constexpr uint32_t kIdeographs2F800Base = 0x2f800;
constexpr uint32_t kPlaneTwo = 0x20000;

// The tables' entries begin with the code point, shifted by this.
constexpr uint32_t kCodePointShift = 11;

// The last entry that begins at or before code_point; nullptr if there is none.
template <size_t kSize>
const uint32_t* FindEntry(const uint32_t (&table)[kSize], uint32_t code_point) {
  const uint32_t* next =
      std::upper_bound(std::begin(table), std::end(table), code_point,
                       [](uint32_t a, uint32_t b) { return a < b >> kCodePointShift; });
  return next == table ? nullptr : next - 1;
}

bool IsPrivateUse(uint32_t code_point) {
  return (code_point >= 0xe000 && code_point <= 0xf8ff) ||
         (code_point >= 0xf0000 && (code_point & 0xffff) <= 0xfffd);
}

size_t DecomposeHangul(uint32_t index, uint32_t* out) {
  const uint32_t trail = index % kTrailCount;
  out[0] = kLeadBase + index / (kVowelCount * kTrailCount);
  out[1] = kVowelBase + index / kTrailCount % kVowelCount;
  out[2] = kTrailBase + trail;
  return trail == 0 ? 2 : 3;
}

// 0 if code_point is no compatibility ideograph.
uint32_t FindIdeograph(uint32_t code_point) {
  const auto look_up = [](const uint16_t* low, const uint8_t* plane_two, uint32_t i) {
    const bool is_plane_two = (plane_two[i >> 3] >> (i & 7) & 1) != 0;
    return low[i] + (is_plane_two ? kPlaneTwo : 0);
  };
  const uint32_t bmp = code_point - kIdeographsF900Base;  // huge if below
  if (bmp < std::size(kIdeographsF900)) {
    return look_up(kIdeographsF900, kIdeographsF900Plane2, bmp);
  }
  const uint32_t plane_two = code_point - kIdeographs2F800Base;
  if (plane_two < std::size(kIdeographs2F800)) {
    return look_up(kIdeographs2F800, kIdeographs2F800Plane2, plane_two);
  }
  return 0;
}

// 0 if code_point has no such decomposition.
uint32_t FindPair(uint32_t code_point) {
  const uint16_t* found =
      std::lower_bound(std::begin(kPairFrom), std::end(kPairFrom), code_point);
  if (found == std::end(kPairFrom) || *found != code_point) return 0;
  return kPairTo[found - kPairFrom];
}

}  // namespace

CharClass Classify(uint32_t code_point) {
  if (IsPrivateUse(code_point)) return {CharKind::kControl, 0};
  const uint32_t* entry = FindEntry(kClassRanges, code_point);
  if (entry == nullptr) return {CharKind::kLetter, 0};
  const uint32_t distance = code_point - (*entry >> kCodePointShift);
  if (distance > (*entry >> 7 & 15)) return {CharKind::kLetter, 0};
  return kClasses[*entry & 127];
}

bool IsCjk(uint32_t code_point) {
  if (code_point < 0x3400) return false;
  return (code_point >= 0x4e00 && code_point <= 0x9fff) || code_point <= 0x4dbf ||
         (code_point >= 0xf900 && code_point <= 0xfaff) ||
         (code_point >= 0x20000 && code_point <= 0x2a6df) ||
         (code_point >= 0x2a700 && code_point <= 0x2b81f) ||
         // The block begins at 2B820; the reference's list says this.
         (code_point >= 0x2b920 && code_point <= 0x2ceaf) ||
         (code_point >= 0x2f800 && code_point <= 0x2fa1f);
}

size_t LowerCase(uint32_t code_point, uint32_t out[kMaxLowerCase]) {
  out[0] = code_point;
  if (code_point == 0x130) {  // İ: the only one whose lower case is two
    out[0] = 'i';
    out[1] = 0x307;
    return 2;
  }
  const uint32_t* entry = FindEntry(kLowerRuns, code_point);
  if (entry == nullptr) return 1;
  const uint32_t distance = code_point - (*entry >> kCodePointShift);
  const uint32_t stride = (*entry & 1) + 1;
  const uint32_t count = (*entry >> 1 & 1023) + 1;
  if (distance % stride == 0 && distance / stride < count) {
    out[0] += static_cast<uint32_t>(kLowerDeltas[entry - kLowerRuns]);
  }
  return 1;
}

size_t BaseCharacters(uint32_t code_point, uint32_t out[kMaxBaseCharacters]) {
  if (code_point - kHangulBase < kHangulCount) {
    return DecomposeHangul(code_point - kHangulBase, out);
  }
  out[0] = code_point;
  if (const uint32_t ideograph = FindIdeograph(code_point); ideograph != 0) {
    out[0] = ideograph;
    return 1;
  }
  if (const uint32_t base = FindPair(code_point); base != 0) {
    out[0] = base;
    return 1;
  }
  const uint32_t* entry = FindEntry(kSequences, code_point);
  if (entry != nullptr && *entry >> kCodePointShift == code_point) {
    const uint32_t count = *entry & 3;
    std::copy_n(kSequenceParts + (*entry >> 2 & 511), count, out);
    return count;
  }
  return Classify(code_point).kind == CharKind::kMark ? 0 : 1;
}

size_t UnicodeTableBytes() { return kUnicodeTableBytes; }

}  // namespace simile
