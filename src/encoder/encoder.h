// SPDX-License-Identifier: Apache-2.0
// The transformer encoder, built from the parts that an EncoderConfig names: token
// ids in, hidden states out. A batch is the concatenation of its texts' tokens,
// without padding: products run once over all rows, attention per text. What a text
// gets does not depend on its neighbours, in f32 or in int8.
// Reference: transformers, models/{bert,mpnet,distilbert,modernbert,t5,llama,qwen3}.

#ifndef SIMILE_ENCODER_ENCODER_H_
#define SIMILE_ENCODER_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/buffer.h"
#include "base/status.h"
#include "model/model_tensors.h"
#include "model/model_config.h"
#include "products/thread_pool.h"

namespace simile {

// Sees the input of every product, before any smoothing and rounding, for calibration;
// and what stands between the layers, for tests.
class ActivationObserver {
 public:
  virtual ~ActivationObserver() = default;
  // rows: [T, K] f32 row-major, valid during the call.
  virtual Status Observe(int layer, ProductInput input, const float* rows, size_t T,
                         size_t K) = 0;
  // The hidden states that enter `layer`; layers: what Encode gives (after a final
  // norm). rows: [T, H].
  virtual Status ObserveHidden(int /*layer*/, const float* /*rows*/, size_t /*T*/,
                               size_t /*H*/) {
    return Status();
  }
};

// Texts of a batch, one after the other.
struct EncoderInput {
  const uint32_t* ids;      // [T], < V
  const uint32_t* offsets;  // [B + 1], offsets[0] == 0, offsets[B] == T; no text empty or
                            // longer than max_positions
  size_t B;
  const uint8_t* types = nullptr;  // [T], < type_vocab_size; nullptr: all 0
};

class Encoder {
 public:
  // Weights come one by one through SetTensor, in any order; int8 weights are
  // packed for the products as soon as their scale, bias (and, for query, key
  // and value, each other) are there, and the plain copy is freed.
  static Result<std::unique_ptr<Encoder>> Create(const ModelConfig& config);
  virtual ~Encoder() = default;

  // data: the tensor's bytes as in the file, of the spec's dtype and shape
  // (checked by CheckTensors before). kBadModel names a tensor with a NaN, an
  // infinity or a scale <= 0.
  virtual Status SetTensor(const TensorSpec& spec, Buffer<uint8_t> data) = 0;
  // After the last tensor; kInternal if one is missing.
  virtual Status Finish() = 0;

  // hidden: points to [T, H] f32 in the encoder's own memory, valid until the next
  // call. kInvalidArgument, kOutOfMemory.
  virtual Status Encode(ThreadPool& pool, const EncoderInput& input, const float** hidden,
                        ActivationObserver* observer = nullptr) = 0;

  // Bytes of weights and of working memory that are now held.
  virtual size_t weight_bytes() const = 0;
  virtual size_t arena_bytes() const = 0;
};

}  // namespace simile

#endif  // SIMILE_ENCODER_ENCODER_H_
