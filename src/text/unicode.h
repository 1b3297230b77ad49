// SPDX-License-Identifier: Apache-2.0
// What the BERT tokenizer has to know of characters. Not Unicode as it is today:
// each property is of the version that the reference implementation uses
// (tools/unicode/make-tables.mjs says which), so that token ids are equal.

#ifndef SIMILE_TEXT_UNICODE_H_
#define SIMILE_TEXT_UNICODE_H_

#include <cstddef>
#include <cstdint>

namespace simile {

enum class CharKind : uint8_t {
  kLetter,        // whatever is none of the others; unassigned characters too
  kSpace,         // White_Space, and no control for BERT
  kControlSpace,  // White_Space that cleaning removes: U+000B, U+000C, U+0085
  kControl,       // removed by cleaning: Cc, Cf, Co, U+FFFD
  kPunctuation,   // P* and all ASCII symbols
  kMark,          // Mn, stripped with the accents
};

struct CharClass {
  CharKind kind;
  uint8_t combining_class;  // Canonical_Combining_Class; of a mark that
                            // decomposes, that of its first part
};

CharClass Classify(uint32_t code_point);

// BERT's notion of a Chinese character: CJK ideographs, no kana, no Hangul.
bool IsCjk(uint32_t code_point);

// Lower case without context (a final sigma is an ordinary one).
// Writes 1 or 2 code points; returns how many.
inline constexpr size_t kMaxLowerCase = 2;
size_t LowerCase(uint32_t code_point, uint32_t out[kMaxLowerCase]);

// The canonical decomposition without its marks (kMark).
// Writes 0…3 code points; returns how many. 0 exactly for marks.
inline constexpr size_t kMaxBaseCharacters = 3;
size_t BaseCharacters(uint32_t code_point, uint32_t out[kMaxBaseCharacters]);

// Bytes of the generated tables.
size_t UnicodeTableBytes();

}  // namespace simile

#endif  // SIMILE_TEXT_UNICODE_H_
