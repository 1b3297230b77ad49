// SPDX-License-Identifier: Apache-2.0
// The layers of a model that stand after its encoder, on one vector a text: Dense
// modules after pooling (sentence-transformers, models/Dense.py), or the classifier of
// a cross-encoder. Their weights are f32 in every file, and their products are Dot's,
// so that they have the same bits everywhere.

#ifndef SIMILE_POOL_OUTPUT_LAYERS_H_
#define SIMILE_POOL_OUTPUT_LAYERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "model/model_config.h"
#include "model/model_tensors.h"

namespace simile {

// y = activation(W x + b).
class DenseLayer {
 public:
  explicit DenseLayer(const DenseConfig& config) : config_(config) {}

  size_t inputs() const { return config_.inputs; }
  size_t outputs() const { return config_.outputs; }
  size_t memory_bytes() const { return weight_.size_bytes() + bias_.size_bytes(); }

  // The tensor's bytes, of the spec's shape. kBadModel if a value is not finite.
  Status SetWeight(const TensorSpec& spec, Buffer<uint8_t> data);
  Status SetBias(const TensorSpec& spec, Buffer<uint8_t> data);

  // x: [inputs], y: [outputs], apart.
  void Apply(const float* x, float* y) const;

 private:
  DenseConfig config_;
  Buffer<uint8_t> weight_;  // f32 [outputs, inputs]
  Buffer<uint8_t> bias_;    // f32 [outputs]
};

class OutputLayers {
 public:
  Status Create(const ModelConfig& config);

  // Whether tensors of that role are for this.
  static bool Owns(TensorRole role);
  Status SetTensor(const TensorSpec& spec, Buffer<uint8_t> data);

  // The Dense modules: in [H], out [D]; out may be in.
  void Project(const float* in, float* out);
  // The classifier: the first token's hidden state [H] becomes [labels] scores.
  void Classify(const float* hidden, float* scores);

  size_t memory_bytes() const;

 private:
  // Runs the layers one after the other.
  void Run(const std::vector<DenseLayer>& layers, const float* in, float* out);

  std::vector<DenseLayer> dense_;
  std::vector<DenseLayer> classifier_;  // the scores' layer last
  Buffer<float> scratch_[2];            // room for the widest layer
};

}  // namespace simile

#endif  // SIMILE_POOL_OUTPUT_LAYERS_H_
