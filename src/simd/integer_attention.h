// SPDX-License-Identifier: Apache-2.0
// Attention as in attention.h, with both products in integers: queries and keys
// in 12 bits with a step per row, softmax numerators in 15 bits, values in 12
// bits with a step per dimension. Its cosine to f32 attention is above 0.99999
// (the tests hold it to that); sums are exact, at twice the rate of f32.

#ifndef SIMILE_SIMD_INTEGER_ATTENTION_H_
#define SIMILE_SIMD_INTEGER_ATTENTION_H_

#include <cstddef>

#include "simd/attention_shape.h"

namespace simile {

// The largest head whose sums of products fit 32 bits.
inline constexpr size_t kMaxIntegerHead = 256;

// log2(e): scores are in powers of two.
inline constexpr float kIntegerBiasUnit = 1.44269504088896341f;

// Bytes of scratch that AttendHeadInInteger needs for T tokens of d dimensions.
size_t IntegerAttentionScratch(size_t T, size_t d);

// As AttendHead; d is at most kMaxIntegerHead, and the bias is in powers of two:
// multiplied by kIntegerBiasUnit. scratch: aligned to 16 bytes, the caller's alone.
void AttendHeadInInteger(const AttentionShape& shape, const float* q, const float* k,
                         const float* v, size_t stride, void* scratch, float* out,
                         size_t out_stride);

}  // namespace simile

#endif  // SIMILE_SIMD_INTEGER_ATTENTION_H_
