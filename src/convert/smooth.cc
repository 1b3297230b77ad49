// SPDX-License-Identifier: Apache-2.0
#include "convert/smooth.h"

#include <algorithm>
#include <cmath>

namespace simile {

void RaiseColumnMax(const float* w, size_t N, size_t K, float* max_abs) {
  for (size_t n = 0; n < N; ++n) {
    for (size_t k = 0; k < K; ++k) max_abs[k] = std::max(max_abs[k], std::fabs(w[n * K + k]));
  }
}

void SmoothingFactors(const float* input_max, const float* weight_max, size_t K, float* s,
                      float* inverse) {
  for (size_t k = 0; k < K; ++k) {
    const bool known = input_max[k] > 0 && weight_max[k] > 0;
    const float factor = known ? std::sqrt(input_max[k] / weight_max[k]) : 1.0f;
    inverse[k] = 1.0f / std::clamp(factor, 1.0f / kMaxSmoothing, kMaxSmoothing);
    s[k] = 1.0f / inverse[k];
  }
}

void ScaleColumns(const float* s, size_t N, size_t K, float* w) {
  for (size_t n = 0; n < N; ++n) {
    for (size_t k = 0; k < K; ++k) w[n * K + k] *= s[k];
  }
}

}  // namespace simile
