// SPDX-License-Identifier: Apache-2.0
// ForwardPass: one batch through all layers. What stands between two products is one
// pass over rows: sum with the residual, norm, and the next product's quantisation.

#ifndef SIMILE_ENCODER_FORWARD_PASS_H_
#define SIMILE_ENCODER_FORWARD_PASS_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "encoder/attention_block.h"
#include "encoder/encoder.h"
#include "encoder/encoder_weights.h"
#include "encoder/workspace.h"
#include "products/linear.h"
#include "products/thread_pool.h"

namespace simile {

class ForwardPass {
 public:
  // scratch_bytes: of attention, of one thread. observer may be nullptr.
  ForwardPass(const EncoderWeights& weights, const AttentionBlock& attention,
              const Workspace& work, size_t scratch_bytes, ThreadPool& pool,
              const EncoderInput& input, ActivationObserver* observer);

  // What an observer returns.
  Status Run();
  // [T, H], after Run.
  const float* hidden() const { return work_.hidden; }

 private:
  struct NormWeights {
    const float* gamma = nullptr;  // nullptr: no norm here
    const float* beta = nullptr;
  };
  // What is made of the hidden states once a sublayer is added to them.
  struct Step {
    NormWeights stays;   // replaces them (a norm after the sublayer, the last one)
    NormWeights passes;  // goes into the next product only (a norm before the sublayer)
    bool has_product = true;  // that takes the result
    InputPlan input;
  };

  NormWeights NormOf(TensorRole gamma, int layer) const;
  Step BeforeAttention(uint32_t layer) const;  // layers: the end
  Step BeforeMlp(uint32_t layer) const;

  Status Embed();
  void EmbedToken(size_t t, float* row) const;
  Status ProjectResidual();
  Status RunLayer(uint32_t layer);
  Status RunMlp(uint32_t layer);
  void Activate(size_t rows, const InputPlan& plan);
  // Calls begin(t, row) for every row of the hidden states, then does the step.
  template <typename F>
  void Advance(const Step& step, const F& begin);
  void AddProjected(const Step& step);
  void Normalize(const NormWeights& norm, const float* x, size_t n, float* y) const;
  // Calls body(t) for every row of a product's input, whose rows it quantises.
  template <typename F>
  void ForQuantizedRows(const QuantizedInput& to, const InputPlan& plan, size_t rows,
                        const F& body) const;
  // Quantises row t of the next product's input, which whoever made the row calls
  // while it is in the first-level cache.
  void Quantize(const QuantizedInput& to, const InputPlan& plan, size_t t, const float* row,
                size_t K) const;
  Status ObserveHidden(uint32_t layer, size_t width) const;
  Status Observe(uint32_t layer, ProductInput input, const float* x, size_t T, size_t K) const;
  // y = the product of T rows of x, which were quantised already.
  void Product(const Linear& linear, const float* x, const QuantizedInput& quantized, size_t T,
               float* y) const;

  const EncoderWeights& weights_;
  const EncoderConfig& shape_;
  const AttentionBlock& attention_;
  Workspace work_;
  size_t scratch_bytes_;
  ThreadPool& pool_;
  const EncoderInput& input_;
  ActivationObserver* observer_;
  size_t T_;
  const float* product_input_ = nullptr;  // what the next product takes: [T, its inputs]
};

}  // namespace simile

#endif  // SIMILE_ENCODER_FORWARD_PASS_H_
