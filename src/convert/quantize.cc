// SPDX-License-Identifier: Apache-2.0
#include "convert/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace simile {

float RowScale(const float* row, size_t count) {
  float largest = 0;
  for (size_t k = 0; k < count; ++k) largest = std::max(largest, std::fabs(row[k]));
  const float scale = largest / kInt8Levels;
  return scale < std::numeric_limits<float>::min() ? 1.0f : scale;
}

int8_t QuantizeValue(float value, float scale) {
  // Adding and taking away 1.5 * 2^23 rounds to whole numbers, halves to even,
  // by IEEE addition alone. The bounds before it, in this order of arguments,
  // make even a NaN a level.
  constexpr float kRound = 12582912.0f;
  const float level = std::max(-kInt8Levels, std::min(kInt8Levels, value / scale));
  return static_cast<int8_t>((level + kRound) - kRound);
}

void QuantizeRows(const float* w, size_t N, size_t K, int8_t* q, float* scale) {
  for (size_t n = 0; n < N; ++n) {
    scale[n] = RowScale(w + n * K, K);
    for (size_t k = 0; k < K; ++k) q[n * K + k] = QuantizeValue(w[n * K + k], scale[n]);
  }
}

}  // namespace simile
