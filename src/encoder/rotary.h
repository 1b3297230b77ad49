// SPDX-License-Identifier: Apache-2.0
// RotaryTable: the cosines and sines by which rotary position embeddings turn
// queries and keys (Su et al. 2021, "RoFormer"). It grows to the longest text.
// Reference: LlamaRotaryEmbedding of transformers, whose frequencies and angles are
// f32; so are these, since at position 8000 that is worth 2e-4 of an angle.

#ifndef SIMILE_ENCODER_ROTARY_H_
#define SIMILE_ENCODER_ROTARY_H_

#include <cstddef>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

class RotaryTable {
 public:
  // d: head size; pair i turns by position * base^(-2 i / d).
  void Init(double base, size_t d);
  // Positions 0 … count - 1 are there afterwards. kOutOfMemory.
  Status Grow(size_t count);

  // [d / 2] each.
  const float* cosines(size_t position) const { return values_.data() + position * d_; }
  const float* sines(size_t position) const { return cosines(position) + d_ / 2; }

  size_t size_bytes() const { return values_.size_bytes(); }

 private:
  double base_ = 0;
  size_t d_ = 0;
  size_t count_ = 0;
  Buffer<float> values_;  // [count, 2, d / 2]
};

}  // namespace simile

#endif  // SIMILE_ENCODER_ROTARY_H_
