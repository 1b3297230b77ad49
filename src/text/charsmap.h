// SPDX-License-Identifier: Apache-2.0
// Charsmap: a sentencepiece model's precompiled character map (mostly NFKC and some
// white space), applied as Hugging Face tokenizers' Precompiled does: a grapheme
// cluster of fewer than 6 bytes becomes what its shortest prefix in the map becomes,
// any other goes character by character. (sentencepiece itself takes the longest.)

#ifndef SIMILE_TEXT_CHARSMAP_H_
#define SIMILE_TEXT_CHARSMAP_H_

#include <optional>
#include <string_view>

#include "base/status.h"
#include "text/aligned_text.h"
#include "text/double_array.h"

namespace simile {

class Charsmap {
 public:
  Charsmap() = default;

  // blob: u32 bytes of the trie, the trie, texts that each end with a zero byte; its
  // bytes stay the caller's, 4-byte aligned. kBadModel if it is not so.
  static Result<Charsmap> Make(std::string_view blob);

  Status Apply(AlignedText* text) const;

 private:
  // What the shortest key that `text` begins with becomes.
  std::optional<std::string_view> Find(std::string_view text) const;
  // Appends what chars [begin, end), at most 5 bytes, become; false if nothing.
  Result<bool> ApplyTo(const AlignedText& text, size_t begin, size_t end,
                       Buffer<CharChange>* changes) const;

  DoubleArray trie_;
  std::string_view texts_;
  bool is_ascii_kept_ = false;  // no key begins with a printable ASCII character
};

}  // namespace simile

#endif  // SIMILE_TEXT_CHARSMAP_H_
