// SPDX-License-Identifier: Apache-2.0
// TextEmbedder: a whole loaded model. Text in, one vector per text out:
// tokenise, encode in batches of bounded size, pool, normalise. It also is the
// sink that loads a Simile file as it streams in, and it verifies the file's
// golden vectors before it is used.

#ifndef SIMILE_POOL_TEXT_EMBEDDER_H_
#define SIMILE_POOL_TEXT_EMBEDDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "encoder/bert_encoder.h"
#include "model/model_config.h"
#include "model/safetensors.h"
#include "pool/long_text.h"
#include "products/thread_pool.h"
#include "text/tokenizer.h"

namespace simile {

// What a text cost and whether all of it went in.
struct TextUsage {
  uint32_t tokens;       // encoded, special tokens included
  uint32_t full_tokens;  // that the whole text has; more than tokens if cut
};

class TextEmbedder : public TensorSink {
 public:
  // Borrows the pool, which must outlive it.
  explicit TextEmbedder(ThreadPool* pool) : pool_(pool) {}

  // Loading: give this as the sink of a SafetensorsStream. OnEnd verifies the
  // golden vectors: int8 by equality of bits, f32 within 1e-4 (kIntegrity).
  Status OnHeader(const SafetensorsHeader& header) override;
  Status OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) override;
  Status OnEnd() override;
  // For the converter, whose file has no golden vectors yet.
  void SkipGoldenCheck() { check_golden_ = false; }

  bool loaded() const { return loaded_; }
  const ModelConfig& config() const { return config_; }
  size_t memory_bytes() const;

  // Embeds texts from the front until `token_budget` tokens are reached (at
  // least one forward pass); returns how many texts were done, so that a caller
  // can report progress, stop, or let another call go first between calls.
  // out: [count, D] f32, caller-owned; rows of texts done are written,
  // L2-normalised if `normalize`. usage: [count] or nullptr.
  // A text that is too long is cut without `long_text`; with it, it is embedded
  // whole, in pieces (long_text.h). The caller then calls again with the texts that
  // are not done and the same object, of its own; 0 may be done while the first
  // text is on its way. After an error the object starts anew.
  // kInvalidArgument before loading; kOutOfMemory.
  Result<size_t> EmbedSome(const std::string_view* texts, size_t count,
                           size_t token_budget, bool normalize, float* out,
                           TextUsage* usage, LongText* long_text = nullptr);

  // Writes how many tokens each text has, special ones included, to `counts`,
  // [count]; those above config().max_tokens are too long.
  // kInvalidArgument before loading; kOutOfMemory.
  Status CountTokens(const std::string_view* texts, size_t count, uint32_t* counts);

  // Writes the tokens of one text to `tokens`, room for `capacity`; returns how
  // many. max_tokens 0 stands for the recipe's. kInvalidArgument if max_tokens is
  // 1 or there is not room enough.
  Result<size_t> Tokenize(std::string_view text, size_t max_tokens, Token* tokens,
                          size_t capacity);

  // All of them. Observes if an observer is given.
  Status Embed(const std::string_view* texts, size_t count, bool normalize, float* out,
               TextUsage* usage, ActivationObserver* observer = nullptr);

 private:
  // Tokenises texts from the front into ids_ and offsets_ until a forward pass is
  // full (at least one text), or up to a text that is too long, which is started
  // if it is the first; there must be a `long_text` for that.
  Status GatherBatch(const std::string_view* texts, size_t count, TextUsage* usage,
                     LongText* long_text);
  // One forward pass; returns how many texts are done with it.
  Result<size_t> EmbedBatch(const std::string_view* texts, size_t count, bool normalize,
                            float* out, TextUsage* usage, ActivationObserver* observer,
                            LongText* long_text);
  // One forward pass of an open text's next pieces; returns whether that was all.
  Result<size_t> EmbedPieces(LongText* long_text, bool normalize, float* out,
                             TextUsage* usage);
  Result<const float*> Encode(ActivationObserver* observer);
  // The vector of sequence b of the last forward pass.
  void PoolSequence(const float* hidden, size_t b, float* out) const;
  Status VerifyGolden();

  ThreadPool* pool_;
  bool check_golden_ = true;
  bool loaded_ = false;
  ModelConfig config_;
  std::vector<BertTensorSpec> specs_;
  std::unique_ptr<BertEncoder> encoder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Buffer<float> golden_;
  Buffer<Token> tokens_;
  Buffer<uint32_t> ids_;
  Buffer<uint32_t> offsets_;
};

}  // namespace simile

#endif  // SIMILE_POOL_TEXT_EMBEDDER_H_
