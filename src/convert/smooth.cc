// SPDX-License-Identifier: Apache-2.0
#include "convert/smooth.h"

#include <algorithm>
#include <cmath>

namespace simile {
namespace {

float Factor(float input_max, float weight_max, Alpha alpha) {
  const float root = std::sqrt(input_max / weight_max);
  if (alpha == Alpha::kHalf) return root;
  // a^0.625 / w^0.375 = (a / w)^0.5 (a w)^0.125, by roots alone: pow's last bit may
  // differ between libraries.
  const double eighth = std::sqrt(std::sqrt(std::sqrt(double{input_max} * weight_max)));
  return static_cast<float>(root * eighth);
}

}  // namespace

void RaiseColumnMax(const float* w, size_t N, size_t K, float* max_abs) {
  for (size_t n = 0; n < N; ++n) {
    for (size_t k = 0; k < K; ++k) max_abs[k] = std::max(max_abs[k], std::fabs(w[n * K + k]));
  }
}

void SmoothingFactors(const float* input_max, const float* weight_max, size_t K, Alpha alpha,
                      float* s, float* inverse) {
  for (size_t k = 0; k < K; ++k) {
    const bool known = input_max[k] > 0 && weight_max[k] > 0;
    const float factor = known ? Factor(input_max[k], weight_max[k], alpha) : 1.0f;
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
