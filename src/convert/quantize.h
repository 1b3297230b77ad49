// SPDX-License-Identifier: Apache-2.0
// Symmetric int8 per output row: the plain rounding that embeddings always get
// and that weights get without calibration. GPTQ (gptq.h) shares its scales.

#ifndef SIMILE_CONVERT_QUANTIZE_H_
#define SIMILE_CONVERT_QUANTIZE_H_

#include <cstddef>
#include <cstdint>

namespace simile {

// -128 is never used, so that a product's sign is symmetric and relaxed dot
// products stay in their defined range.
inline constexpr float kInt8Levels = 127.0f;

// max|row| / 127, or 1 for a row whose values are all zero (or so small that
// the scale would not be a normal number).
float RowScale(const float* row, size_t count);

// value / scale to the nearest level, halves to even, within ±127 (a NaN too).
int8_t QuantizeValue(float value, float scale);

// w: [N, K] row-major, finite. q: [N, K]; scale: [N]. Caller-owned.
void QuantizeRows(const float* w, size_t N, size_t K, int8_t* q, float* scale);

}  // namespace simile

#endif  // SIMILE_CONVERT_QUANTIZE_H_
