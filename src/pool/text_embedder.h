// SPDX-License-Identifier: Apache-2.0
// TextEmbedder: a loaded model that embeds. Text in, one vector per text out:
// tokenise, encode in batches of bounded size, pool, normalise; or a vector for each
// token, which knows its neighbours.

#ifndef SIMILE_POOL_TEXT_EMBEDDER_H_
#define SIMILE_POOL_TEXT_EMBEDDER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"
#include "encoder/encoder.h"
#include "pool/loaded_model.h"
#include "pool/long_text.h"
#include "products/thread_pool.h"
#include "text/tokenizer.h"

namespace simile {

// The tokens of some texts, one text after the other, and their hidden states. In the
// embedder's memory, good until its next call.
struct TokenVectors {
  const Token* tokens = nullptr;      // [T], special ones included
  const uint32_t* offsets = nullptr;  // [B + 1]: text b's are [offsets[b], offsets[b + 1])
  const float* vectors = nullptr;     // [T, H]
  uint32_t added_before = 0;          // how many of a text's first tokens are special,
  uint32_t added_after = 0;           // and of its last
};

class TextEmbedder : public LoadedModel {
 public:
  using LoadedModel::LoadedModel;

  // Embeds texts from the front until `token_budget` tokens are reached (at
  // least one forward pass); returns how many texts were done, so that a caller
  // can report progress, stop, or let another call go first between calls.
  // out: [count, D] f32, caller-owned; rows of texts done are written,
  // L2-normalised if `normalize`. usage: [count] or nullptr.
  // A text that is too long is cut without `long_text`; with it, it is embedded
  // whole, in pieces (long_text.h). The caller then calls again with the texts that
  // are not done and the same object, of its own; 0 may be done while the first
  // text is on its way. After an error the object starts anew.
  // kInvalidArgument before loading, for a cross-encoder, and for a text without any
  // token (empty, where the tokenizer adds no special ones); kOutOfMemory.
  Result<size_t> EmbedSome(const std::string_view* texts, size_t count,
                           size_t token_budget, bool normalize, float* out,
                           TextUsage* usage, LongText* long_text = nullptr);

  // All of them.
  Status Embed(const std::string_view* texts, size_t count, bool normalize, float* out,
               TextUsage* usage);

  // The encoder's hidden states for each token of the texts from the front, one
  // forward pass; returns how many texts were done, at least 1 of more than none. Texts
  // that are too long are cut. Errors as above.
  Result<size_t> EmbedTokens(const std::string_view* texts, size_t count, bool normalize,
                             TokenVectors* out, TextUsage* usage);

  Status ComputeGolden(size_t count, float* out) override;

 private:
  // Tokenises texts from the front into ids_ and offsets_ until there are
  // `batch_tokens` (at least one text), or up to a text that is too long, which is started
  // if it is the first; there must be a `long_text` for that.
  Status GatherBatch(const std::string_view* texts, size_t count, size_t batch_tokens,
                     TextUsage* usage, LongText* long_text);
  // One forward pass; returns how many texts are done with it.
  Result<size_t> EmbedBatch(const std::string_view* texts, size_t count, size_t batch_tokens,
                            bool normalize, float* out, TextUsage* usage,
                            LongText* long_text);
  // One forward pass of an open text's next pieces; returns whether that was all.
  Result<size_t> EmbedPieces(LongText* long_text, bool normalize, float* out,
                             TextUsage* usage);
  void ClearBatch();
  Status EndText();
  Result<const float*> EncodeBatch();
  // The vector of sequence b of the last forward pass.
  void PoolSequence(const float* hidden, size_t b, float* out);

  // The batch: its texts' tokens, where each begins, and their ids.
  Buffer<Token> tokens_;
  Buffer<uint32_t> ids_;
  Buffer<uint32_t> offsets_;
  Buffer<float> vectors_;  // of tokens, or of one text before the Dense modules
};

}  // namespace simile

#endif  // SIMILE_POOL_TEXT_EMBEDDER_H_
