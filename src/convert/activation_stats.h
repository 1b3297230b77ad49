// SPDX-License-Identifier: Apache-2.0
// What calibration learns of the inputs of a model's products: the largest
// absolute value of each channel (for smoothing), and the sums of products of
// channels, H = X^T X (for GPTQ). No rounding happens here.

#ifndef SIMILE_CONVERT_ACTIVATION_STATS_H_
#define SIMILE_CONVERT_ACTIVATION_STATS_H_

#include <cstddef>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "encoder/encoder.h"
#include "model/model_config.h"
#include "products/linear.h"
#include "products/thread_pool.h"

namespace simile {

// Adds X^T X of each batch to an upper triangle, as f32 matrix products.
class GramAccumulator {
 public:
  // rows: [T, K]; gram: [K, K] row-major, of which entries [i, j] with j >= i
  // are right afterwards (others below the diagonal may be touched).
  // Equal for any number of threads. kOutOfMemory.
  Status Add(ThreadPool& pool, const float* rows, size_t T, size_t K, float* gram);

 private:
  Linear columns_;
  Buffer<float> transposed_;  // [K, T]
  Buffer<float> product_;     // [K, columns of a block]
  Buffer<float> zero_bias_;
};

class ActivationStats : public ActivationObserver {
 public:
  // Inputs that are wider have no gram: it would take more than 64 MB.
  static constexpr size_t kMaxGramWidth = 4096;

  // Watches layers [first, first + count). Without `with_grams` only max_abs.
  Status Init(ThreadPool* pool, const EncoderConfig& shape, int first, int count, bool with_grams);
  Status Observe(int layer, ProductInput input, const float* rows, size_t T,
                 size_t K) override;

  // [K]; the layer is one that is watched.
  const float* max_abs(int layer, ProductInput input) const {
    return At(layer, input).max_abs.data();
  }
  // [K, K] upper triangle; nullptr without grams, and for an input that is too wide.
  const float* gram(int layer, ProductInput input) const {
    return At(layer, input).gram.data();
  }

  // What one layer's grams take, and the widest of them.
  static size_t GramBytes(const EncoderConfig& shape);
  static size_t WidestGram(const EncoderConfig& shape);

 private:
  static constexpr size_t kInputs = 4;
  struct Input {
    Buffer<float> max_abs;
    Buffer<float> gram;
  };
  const Input& At(int layer, ProductInput input) const {
    return inputs_[static_cast<size_t>(layer - first_) * kInputs + static_cast<size_t>(input)];
  }

  ThreadPool* pool_ = nullptr;
  int first_ = 0;
  int count_ = 0;
  std::vector<Input> inputs_;  // [layer, ProductInput]
  GramAccumulator accumulator_;
};

}  // namespace simile

#endif  // SIMILE_CONVERT_ACTIVATION_STATS_H_
