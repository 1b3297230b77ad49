// SPDX-License-Identifier: Apache-2.0
// What the tokenizers of tokenizer.json's kind have to know of characters, beyond
// BERT's (text/unicode.h): categories that their regular expressions name, grapheme
// clusters, normalisation forms. Each is of the version of Unicode that the
// reference has there (tools/unicode/make-char-tables.mjs says which).

#ifndef SIMILE_TEXT_CHAR_CLASS_H_
#define SIMILE_TEXT_CHAR_CLASS_H_

#include <cstddef>
#include <cstdint>

namespace simile {

// \p{L}, \p{N}, \w, Rust's char::is_numeric, and the marks that StripAccents strips.
bool IsLetter(uint32_t code_point);
bool IsNumber(uint32_t code_point);
bool IsWordChar(uint32_t code_point);
bool IsNumeric(uint32_t code_point);
bool IsCombiningMark(uint32_t code_point);
// White_Space.
bool IsWhiteSpace(uint32_t code_point);
// ASCII symbols and P*, as BERT has it.
bool IsPunctuation(uint32_t code_point);

// Grapheme_Cluster_Break, with what GB9c and GB11 add.
enum class GraphemeClass : uint8_t {
  kOther,
  kCr,
  kLf,
  kControl,
  kExtend,        // InCB=Extend
  kExtendAlone,   // InCB=None
  kLinker,        // InCB=Linker
  kZwj,
  kSpacingMark,
  kPrepend,
  kRegional,
  kPictographic,
  kConsonant,     // InCB=Consonant
  kLead,          // Hangul L, V, T, LV, LVT
  kVowel,
  kTrail,
  kLeadVowel,
  kLeadVowelTrail,
};
GraphemeClass ClassifyGrapheme(uint32_t code_point);

// The full canonical decomposition; writes 1…4 code points, returns how many.
inline constexpr size_t kMaxCanonicalParts = 4;
size_t CanonicalParts(uint32_t code_point, uint32_t out[kMaxCanonicalParts]);

// The full compatibility decomposition.
inline constexpr size_t kMaxCompatibilityParts = 20;
size_t CompatibilityParts(uint32_t code_point, uint32_t out[kMaxCompatibilityParts]);

// The character that the two compose to, or 0.
uint32_t ComposePair(uint32_t first, uint32_t second);

// Canonical_Combining_Class, of characters that do not decompose.
uint8_t CombiningClass(uint32_t code_point);

}  // namespace simile

#endif  // SIMILE_TEXT_CHAR_CLASS_H_
