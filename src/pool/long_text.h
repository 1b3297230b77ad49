// SPDX-License-Identifier: Apache-2.0
// LongText: where a caller stands within a text of more tokens than the model
// reads, which is embedded piece by piece. The text's own tokens are cut into
// pieces of max_tokens less the special ones, the last piece shorter; each piece
// gets the special tokens and its own vector; the text's vector is the mean of
// these weighted by their numbers of tokens, special ones included (for mean
// pooling: of all hidden states). Pieces are added up in their order, so the sum's
// bits depend on the text alone.

#ifndef SIMILE_POOL_LONG_TEXT_H_
#define SIMILE_POOL_LONG_TEXT_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"
#include "pool/loaded_model.h"
#include "text/tokenizer.h"

namespace simile {

class LongText {
 public:
  // tokens: those of the whole text, with `added` at its ends; max_tokens must leave
  // room for more than these. kOutOfMemory.
  Status Start(const Buffer<Token>& tokens, const SurroundingTokens& added, size_t max_tokens,
               size_t D);

  // Whether there is a text and pieces of it are left.
  bool is_open() const { return next_ < end_; }

  // Appends the next piece's token ids.
  Status NextPiece(Buffer<uint32_t>* ids);

  // Adds the vector of a piece of `tokens` tokens, in the order of the pieces.
  void Add(const float* vector, size_t tokens);

  // Writes the mean of what was added, [D], and frees the text.
  void Finish(float* out);

  size_t full_tokens() const { return ids_.size(); }
  // Of the pieces added: more than the text has, each piece has special ones.
  size_t tokens_done() const { return tokens_done_; }

 private:
  Buffer<uint32_t> ids_;  // of the whole text
  size_t begin_ = 0;      // its own tokens are [begin_, end_), the rest special
  size_t end_ = 0;
  size_t next_ = 0;
  size_t piece_tokens_ = 0;  // special ones excluded
  size_t tokens_done_ = 0;
  Buffer<float> sum_;
};

}  // namespace simile

#endif  // SIMILE_POOL_LONG_TEXT_H_
