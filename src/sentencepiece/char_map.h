// SPDX-License-Identifier: Apache-2.0
// Checks the table of character replacements in a sentencepiece model
// (normalizer_spec.precompiled_charsmap: size of a double-array trie, the trie,
// the replacements, each ended by a NUL). The library follows its offsets unchecked
// and expects no more than 32 keys to be prefixes of one text.

#ifndef SIMILE_SENTENCEPIECE_CHAR_MAP_H_
#define SIMILE_SENTENCEPIECE_CHAR_MAP_H_

#include <string_view>

#include "base/status.h"

namespace simile {

// kBadModel unless every walk through the table stays inside it and is short.
// The empty table is good.
Status CheckCharMap(std::string_view table);

}  // namespace simile

#endif  // SIMILE_SENTENCEPIECE_CHAR_MAP_H_
