// SPDX-License-Identifier: Apache-2.0
// AttentionBlock: what stands between the product for queries, keys and values and
// the output product, for all texts and heads of a batch: norms and rotation of
// queries and keys, relative positions, and attention itself.

#ifndef SIMILE_ENCODER_ATTENTION_BLOCK_H_
#define SIMILE_ENCODER_ATTENTION_BLOCK_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "encoder/encoder.h"
#include "encoder/encoder_weights.h"
#include "encoder/relative_positions.h"
#include "encoder/rotary.h"
#include "encoder/workspace.h"
#include "products/thread_pool.h"
#include "simd/attention_shape.h"

namespace simile {

class AttentionBlock {
 public:
  explicit AttentionBlock(const EncoderWeights& weights) : weights_(weights) {}

  // Once the shape is known.
  void Init();
  // Makes the tables long enough for texts of `longest` tokens. kOutOfMemory.
  Status Prepare(size_t longest);
  // Bytes of scratch for one thread.
  size_t ScratchBytes(size_t longest) const;

  // work.context = attention over work.qkv, whose queries and keys are changed.
  // scratch_bytes: of one thread, in work.attention.
  void Run(ThreadPool& pool, const EncoderInput& input, uint32_t layer, const Workspace& work,
           size_t scratch_bytes) const;

  size_t size_bytes() const {
    return rotary_.size_bytes() + local_rotary_.size_bytes() + relative_.size_bytes();
  }

 private:
  const EncoderConfig& shape() const { return weights_.shape(); }
  // f32 weights are for reference and attend in f32.
  bool IsInteger() const;
  const RotaryTable& RotaryOf(uint32_t layer) const;
  // Norms and turns the queries and keys of one row of qkv.
  void PrepareRow(uint32_t layer, size_t position, float* row) const;
  // Of one text; without what depends on the head.
  AttentionShape ShapeOf(uint32_t layer, size_t T) const;

  const EncoderWeights& weights_;
  RotaryTable rotary_, local_rotary_;
  RelativePositions relative_;
};

}  // namespace simile

#endif  // SIMILE_ENCODER_ATTENTION_BLOCK_H_
