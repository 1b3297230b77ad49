// SPDX-License-Identifier: Apache-2.0
// The regular expressions by which byte-level BPE tokenizers split a text, each
// matched by hand. They are known by their exact text; there is no other regular
// expression here, and so no engine whose time an expression could explode.

#ifndef SIMILE_TEXT_SPLIT_PATTERNS_H_
#define SIMILE_TEXT_SPLIT_PATTERNS_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "text/aligned_text.h"
#include "text/tokenizer_config.h"

namespace simile {

// The pattern of that regular expression, if it is a known one.
std::optional<SplitPattern> FindSplitPattern(std::string_view regex);

// The end of the match that begins at chars[i], i < end; i if there is none. Every
// known pattern matches something everywhere. Not for SplitPattern::kText.
size_t MatchPattern(SplitPattern pattern, const AlignedChar* chars, size_t i, size_t end);

}  // namespace simile

#endif  // SIMILE_TEXT_SPLIT_PATTERNS_H_
