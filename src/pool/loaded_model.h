// SPDX-License-Identifier: Apache-2.0
// LoadedModel: a Simile file, loaded as it streams in and verified by its golden
// vectors: the tokenizer, the encoder and the layers after it. What texts are made
// into is for TextEmbedder and CrossEncoder, which run on it.

#ifndef SIMILE_POOL_LOADED_MODEL_H_
#define SIMILE_POOL_LOADED_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "encoder/encoder.h"
#include "model/model_config.h"
#include "model/safetensors.h"
#include "pool/output_layers.h"
#include "products/thread_pool.h"
#include "text/tokenizer.h"

namespace simile {

// What a text cost and whether all of it went in.
struct TextUsage {
  uint32_t tokens;       // encoded, special tokens included
  uint32_t full_tokens;  // that the whole text has; more than tokens if cut
};

// The special tokens that the tokenizer puts around every text by itself.
struct SurroundingTokens {
  Buffer<uint32_t> before;
  Buffer<uint32_t> after;

  size_t count() const { return before.size() + after.size(); }
};

// Tokens of one forward pass: enough rows for the products to run at full speed,
// few enough for the activations to stay in a second-level cache.
inline constexpr size_t kBatchTokens = 256;

class LoadedModel : public TensorSink {
 public:
  // Borrows the pool, which must outlive it.
  explicit LoadedModel(ThreadPool* pool) : pool_(pool) {}

  // Loading: give this as the sink of a SafetensorsStream. OnEnd verifies the
  // golden vectors: int8 by equality of bits, f32 within 1e-4 (kIntegrity).
  Status OnHeader(const SafetensorsHeader& header) override;
  Status OnTensor(const TensorInfo& tensor, Buffer<uint8_t> data) override;
  Status OnEnd() override;
  // For the converter, whose file has no golden vectors yet.
  void SkipGoldenCheck() { golden_to_verify_ = 0; }
  // An observer of every forward pass from now on; nullptr for none.
  void ObserveAll(ActivationObserver* observer) { observer_ = observer; }
  // For a file whose golden vectors were all verified when it was stored: the first is
  // enough.
  void CheckOneGoldenText() { golden_to_verify_ = 1; }

  bool loaded() const { return loaded_; }
  const ModelConfig& config() const { return config_; }
  bool is_cross_encoder() const { return config_.classifier.labels > 0; }
  size_t memory_bytes() const;

  // What the first `count` golden texts give, out: [count, config().golden_dims()].
  virtual Status ComputeGolden(size_t count, float* out) = 0;

  // Writes how many tokens each text has, special ones included, to `counts`,
  // [count]; those above config().max_tokens are too long.
  // kInvalidArgument before loading; kOutOfMemory.
  Status CountTokens(const std::string_view* texts, size_t count, uint32_t* counts);

  // Writes the tokens of one text to `tokens` if there is room, which is for
  // `capacity`; returns how many there are. max_tokens 0 stands for the recipe's.
  // kInvalidArgument if max_tokens is 1.
  Result<size_t> Tokenize(std::string_view text, size_t max_tokens, Token* tokens,
                          size_t capacity);

  // For what runs on the model. kInvalidArgument before loading, or if it is a
  // cross-encoder and `as_cross_encoder` is false, or the other way round.
  Status CheckUse(bool as_cross_encoder) const;
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const SurroundingTokens& surrounding_tokens() const { return surrounding_; }
  OutputLayers& output_layers() { return output_layers_; }
  // One forward pass; the hidden states stay good until the next.
  Result<const float*> Encode(const EncoderInput& input);

 private:
  Status SetTokenizer(const TensorSpec& spec, Buffer<uint8_t> data);
  Status FindSurroundingTokens();
  Status VerifyGolden();

  ThreadPool* pool_;
  ActivationObserver* observer_ = nullptr;
  size_t golden_to_verify_ = SIZE_MAX;
  bool loaded_ = false;
  ModelConfig config_;
  std::vector<TensorSpec> specs_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Tokenizer> tokenizer_;
  SurroundingTokens surrounding_;
  OutputLayers output_layers_;
  Buffer<float> golden_;
};

}  // namespace simile

#endif  // SIMILE_POOL_LOADED_MODEL_H_
