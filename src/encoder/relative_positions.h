// SPDX-License-Identifier: Apache-2.0
// RelativePositions: what the distance of two tokens adds to the score of each head
// (Raffel et al. 2020, "T5"; MPNet has the same). Distances share learnt numbers by
// buckets: each small distance its own, larger ones by their logarithm. All layers
// share the numbers. Reference: T5Attention.compute_bias of transformers.

#ifndef SIMILE_ENCODER_RELATIVE_POSITIONS_H_
#define SIMILE_ENCODER_RELATIVE_POSITIONS_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

// The bucket of key j and query i; distance: j - i. buckets: even, >= 4; half of them
// are for keys before the query and itself. max_distance > buckets / 4.
uint32_t RelativeBucket(int64_t distance, uint32_t buckets, uint32_t max_distance);

class RelativePositions {
 public:
  // For texts of up to T tokens; does nothing if they are short enough already.
  // table: [buckets, heads]; unit: what its numbers are multiplied by. kOutOfMemory.
  Status Grow(size_t T, const float* table, uint32_t buckets, uint32_t max_distance,
              size_t heads, float unit);

  // bias[j - i], |j - i| < T, and then some zeros (AttentionShape::bias).
  const float* bias(size_t head) const { return values_.data() + head * stride_ + T_ - 1; }

  size_t size_bytes() const { return values_.size_bytes(); }

 private:
  size_t T_ = 0;
  size_t stride_ = 0;
  Buffer<float> values_;  // [heads, stride]
};

}  // namespace simile

#endif  // SIMILE_ENCODER_RELATIVE_POSITIONS_H_
