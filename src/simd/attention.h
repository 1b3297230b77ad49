// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention of one head over one text (Vaswani et al. 2017,
// eq. 1), in f32: softmax(Q K^T / sqrt(d)) V. Nothing here knows a model.

#ifndef SIMILE_SIMD_ATTENTION_H_
#define SIMILE_SIMD_ATTENTION_H_

#include <cstddef>

namespace simile {

// Floats of scratch that AttendHead needs for T tokens of a head of d dimensions.
size_t AttentionScratch(size_t T, size_t d);

// q, k, v: [T, d], rows `stride` floats apart (they may interleave); out: [T, d],
// rows `out_stride` apart. d is a multiple of 8. scratch: AttentionScratch floats
// that are the caller's alone.
void AttendHead(const float* q, const float* k, const float* v, size_t stride, size_t T,
                size_t d, float* scratch, float* out, size_t out_stride);

}  // namespace simile

#endif  // SIMILE_SIMD_ATTENTION_H_
