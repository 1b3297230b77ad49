// SPDX-License-Identifier: Apache-2.0
// CrossEncoder: a model with a classifier reads a query and a document together and
// gives their scores. Slower than comparing vectors, and better: each word of the one
// is read beside those of the other.
// Reference: sentence-transformers, cross_encoder/CrossEncoder.py (predict), whose pairs
// are cut by tokenizers' strategy "longest_first".

#ifndef SIMILE_POOL_CROSS_ENCODER_H_
#define SIMILE_POOL_CROSS_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/buffer.h"
#include "base/status.h"
#include "pool/loaded_model.h"

namespace simile {

// How many tokens of each text of a pair stay, if both together may have
// `max_tokens`: the longer one is cut to the other's length at most, then both alike
// (an odd token stays with the longer one; with the second of two alike).
std::pair<size_t, size_t> CutLongestFirst(size_t first, size_t second, size_t max_tokens);

class CrossEncoder {
 public:
  // Borrows the model, which must outlive it.
  explicit CrossEncoder(LoadedModel* model) : model_(model) {}

  // Scores documents from the front until `token_budget` tokens are reached (at least
  // one forward pass); returns how many were done, as TextEmbedder::EmbedSome does.
  // scores: [count, labels] f32, caller-owned, after the checkpoint's activation.
  // usage: [count], of the pairs, or nullptr. kInvalidArgument if the model has no
  // classifier; kOutOfMemory.
  Result<size_t> ScoreSome(std::string_view query, const std::string_view* documents,
                           size_t count, size_t token_budget, float* scores,
                           TextUsage* usage);
  // The same where the scores are to rank by: kInvalidArgument unless each pair has one.
  Result<size_t> ScoreToRank(std::string_view query, const std::string_view* documents,
                             size_t count, size_t token_budget, float* scores,
                             TextUsage* usage);

 private:
  // A text's tokens, and how many of its own the whole text has.
  Result<size_t> Tokenize(std::string_view text, Buffer<Token>* tokens) const;
  Status GatherBatch(size_t query_tokens, const std::string_view* documents, size_t count,
                     TextUsage* usage);
  Status AppendPair(size_t query_tokens, size_t document_tokens);
  Status AppendIds(const Buffer<uint32_t>& ids, uint8_t type);
  Status AppendOwn(const Buffer<Token>& tokens, size_t count, uint8_t type);

  LoadedModel* model_;
  Buffer<Token> query_;
  Buffer<Token> document_;
  Buffer<uint32_t> ids_;
  Buffer<uint8_t> types_;
  Buffer<uint32_t> offsets_;
};

}  // namespace simile

#endif  // SIMILE_POOL_CROSS_ENCODER_H_
