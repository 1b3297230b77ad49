// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention over one text (Vaswani et al. 2017, eq. 1), in f32:
// softmax(Q K^T * scale + bias) V, over the keys that each query sees.

#ifndef SIMILE_SIMD_ATTENTION_H_
#define SIMILE_SIMD_ATTENTION_H_

#include <cstddef>

#include "simd/attention_shape.h"

namespace simile {

// Floats of scratch that AttendHead needs for T tokens of a head of d dimensions.
size_t AttentionScratch(size_t T, size_t d);

// k, v: [T, d], q: [T, query_heads * d], rows `stride` floats apart (they may
// interleave); out: [T, query_heads * d], rows `out_stride` apart. scratch:
// AttentionScratch floats that are the caller's alone.
void AttendHead(const AttentionShape& shape, const float* q, const float* k, const float* v,
                size_t stride, float* scratch, float* out, size_t out_stride);

}  // namespace simile

#endif  // SIMILE_SIMD_ATTENTION_H_
