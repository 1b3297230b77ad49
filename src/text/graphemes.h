// SPDX-License-Identifier: Apache-2.0
// Extended grapheme clusters: what a reader takes for one character.
// Reference: Unicode Standard Annex #29.

#ifndef SIMILE_TEXT_GRAPHEMES_H_
#define SIMILE_TEXT_GRAPHEMES_H_

#include <cstddef>

#include "text/aligned_text.h"

namespace simile {

// The end of the cluster that begins at chars[begin]; begin < count.
size_t GraphemeEnd(const AlignedChar* chars, size_t begin, size_t count);

}  // namespace simile

#endif  // SIMILE_TEXT_GRAPHEMES_H_
