// SPDX-License-Identifier: Apache-2.0
// BertWeights: the weights of a BERT as the forward pass wants them. They arrive
// one by one; matrices are packed at once and their plain copies freed.

#ifndef SIMILE_ENCODER_BERT_WEIGHTS_H_
#define SIMILE_ENCODER_BERT_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "model/bert_tensors.h"
#include "model/model_config.h"
#include "products/linear.h"

namespace simile {

struct BertLayer {
  Linear qkv;  // query, key, value: one product of 3H outputs
  Linear attention_output;
  Linear intermediate;
  Linear output;
};

class BertWeights {
 public:
  // kBadModel if the shape is one that the kernels do not take.
  Status Init(const ModelConfig& config);
  // As BertEncoder's.
  Status SetTensor(const BertTensorSpec& spec, Buffer<uint8_t> data);
  Status Finish() const;

  const BertShape& shape() const { return shape_; }
  bool is_int8() const { return precision_ == WeightPrecision::kInt8; }
  const BertLayer& layer(size_t i) const { return layers_[i]; }
  size_t size_bytes() const;

  // An F32 tensor that stays plain (LayerNorm's, smoothing); nullptr if the file
  // has none.
  const float* Floats(BertRole role, int layer) const;

  // out = word[id] + position[position] + type[0], [H].
  void EmbedToken(uint32_t id, size_t position, float* out) const;

 private:
  // One matrix of a layer: where it is packed, and from which output on.
  struct Matrix {
    BertRole weight;
    Linear BertLayer::* linear;
    size_t part;  // of `parts` equal parts of the linear's outputs
    size_t parts;
    size_t outputs, inputs;
  };

  Buffer<uint8_t>& Slot(BertRole role, int layer);
  const Buffer<uint8_t>& Slot(BertRole role, int layer) const;
  Status PackWhatIsReady(int layer);
  Status Pack(int layer, const Matrix& matrix);
  void AddEmbedding(BertRole role, size_t row, bool accumulate, float* out) const;

  BertShape shape_;
  WeightPrecision precision_ = WeightPrecision::kInt8;
  std::vector<Matrix> matrices_;
  std::vector<BertLayer> layers_;
  std::vector<Buffer<uint8_t>> slots_;  // [layers + 1, roles]
  size_t expected_ = 0;
  size_t received_ = 0;
};

}  // namespace simile

#endif  // SIMILE_ENCODER_BERT_WEIGHTS_H_
