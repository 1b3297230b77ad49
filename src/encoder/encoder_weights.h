// SPDX-License-Identifier: Apache-2.0
// EncoderWeights: an encoder's weights as the forward pass wants them. They arrive one
// by one; matrices are packed at once and their plain copies freed, tables stay as
// they came. Which there are, and which are fused, the list of tensors says.

#ifndef SIMILE_ENCODER_ENCODER_WEIGHTS_H_
#define SIMILE_ENCODER_ENCODER_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "model/model_config.h"
#include "model/model_tensors.h"
#include "products/linear.h"

namespace simile {

struct EncoderLayer {
  Linear qkv;  // queries, keys, values: one product of (heads + 2 kv_heads) d outputs
  Linear attention_output;
  Linear intermediate;  // I outputs, or 2I: gate, then up
  Linear output;
  Linear residual;  // embedding_size to H, in layer 0 where they differ
};

// How the input of an int8 product is quantised.
struct InputPlan {
  const float* smoothing = nullptr;  // [K], what it is multiplied by before
  bool in_two_parts = false;         // QuantizeRowInTwo
};

class EncoderWeights {
 public:
  // kBadModel if the shape is one that the kernels do not take.
  Status Init(const ModelConfig& config);
  // As Encoder's.
  Status SetTensor(const TensorSpec& spec, Buffer<uint8_t> data);
  Status Finish() const;

  const EncoderConfig& shape() const { return shape_; }
  bool is_int8() const { return precision_ == WeightPrecision::kInt8; }
  const EncoderLayer& layer(size_t i) const { return layers_[i]; }
  InputPlan PlanOf(ProductInput input, uint32_t layer) const;
  // Whether any input is quantised in two parts.
  bool has_two_parts() const;
  size_t size_bytes() const;

  // An F32 tensor that stays plain (norms', smoothing …); nullptr if the model has
  // none.
  const float* Floats(TensorRole role, int layer) const;

  // out = word[id] * embedding_scale + type[type] + position[position],
  // [embedding_size], as far as the model has them.
  void EmbedToken(uint32_t id, uint8_t type, size_t position, float* out) const;

 private:
  // One matrix of a layer: where it is packed, and from which output on.
  struct Matrix {
    TensorRole weight;
    Linear EncoderLayer::* linear;
    size_t first, outputs, inputs;
    bool has_bias, in_two_parts;
  };

  bool IsInTwoParts(ProductInput input, uint32_t layer) const;
  Status PlanMatrices(const std::vector<TensorSpec>& specs, uint32_t layer);
  // Of all matrices that are planned so far.
  size_t OutputsOf(Linear EncoderLayer::* linear, uint32_t layer) const;
  Buffer<uint8_t>& Slot(TensorRole role, int layer);
  const Buffer<uint8_t>& Slot(TensorRole role, int layer) const;
  Status PackWhatIsReady(int layer);
  Status Pack(int layer, const Matrix& matrix);
  void AddEmbedding(TensorRole role, size_t row, bool accumulate, float* out) const;

  EncoderConfig shape_;
  WeightPrecision precision_ = WeightPrecision::kInt8;
  std::vector<bool> in_two_parts_;             // [layers, ProductInput]
  std::vector<std::vector<Matrix>> matrices_;  // by layer
  std::vector<EncoderLayer> layers_;
  std::vector<Buffer<uint8_t>> slots_;  // [layers + 1, roles]
  size_t expected_ = 0;
  size_t received_ = 0;
};

}  // namespace simile

#endif  // SIMILE_ENCODER_ENCODER_WEIGHTS_H_
