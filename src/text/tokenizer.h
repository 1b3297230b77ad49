// SPDX-License-Identifier: Apache-2.0
// Tokenizer: the interface that every kind of tokenizer has (WordPiece here;
// sentencepiece and byte-level BPE later). It knows ids and offsets, no weights.

#ifndef SIMILE_TEXT_TOKENIZER_H_
#define SIMILE_TEXT_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

// One token. begin and end are byte offsets into the original UTF-8 text, half
// open; both are 0 for the special tokens that the tokenizer adds itself.
struct Token {
  uint32_t id;
  uint32_t begin;
  uint32_t end;
};

struct TokenizeResult {
  // Tokens that the whole text has, the added special tokens included; more
  // than were appended exactly if the text was cut.
  size_t full_count = 0;
  bool truncated = false;
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Appends the tokens of `text`, special tokens included, at most `max_tokens`
  // of them (what is cut is the text's end; the special tokens stay).
  // max_tokens >= 2. Invalid UTF-8 is read as U+FFFD. Thread-safe.
  // kOutOfMemory; kInvalidArgument for a text of 2^31 bytes or more.
  virtual Result<TokenizeResult> Tokenize(std::string_view text, size_t max_tokens,
                                          Buffer<Token>* tokens) const = 0;

  virtual size_t vocab_size() const = 0;
};

}  // namespace simile

#endif  // SIMILE_TEXT_TOKENIZER_H_
