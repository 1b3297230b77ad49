// SPDX-License-Identifier: Apache-2.0
// PreTokenizer: the pre-tokenizers of a tokenizer.json, one after the other: they cut
// a normalised text into the words that the model sees one by one.

#ifndef SIMILE_TEXT_PRE_TOKENIZER_H_
#define SIMILE_TEXT_PRE_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "text/aligned_text.h"
#include "text/tokenizer_config.h"

namespace simile {

// A word: chars [first, last) of a Words.
struct Word {
  uint32_t first;
  uint32_t last;
};

struct Words {
  Buffer<AlignedChar> chars;
  Buffer<Word> words;
};

class PreTokenizer {
 public:
  PreTokenizer() = default;
  // kBadModel for a step that does not fit together.
  static Result<PreTokenizer> Make(const std::vector<PreTokenizerStep>& steps);

  // Cuts every word; memory is reused from `scratch`.
  Status Apply(Words* words, Words* scratch) const;

 private:
  std::vector<PreTokenizerStep> steps_;
};

}  // namespace simile

#endif  // SIMILE_TEXT_PRE_TOKENIZER_H_
