// SPDX-License-Identifier: Apache-2.0
#include "pool/pooling.h"

#include <cmath>
#include <cstring>

#include "simd/row_kernels.h"

namespace simile {

void Pool(Pooling pooling, const float* hidden, size_t T, size_t H, float* out) {
  std::memcpy(out, hidden, H * sizeof(float));
  if (pooling == Pooling::kCls) return;
  for (size_t t = 1; t < T; ++t) AddTo(hidden + t * H, H, out);
  Scale(1.0f / static_cast<float>(T), H, out);
}

void NormalizeL2(size_t n, float* out) {
  const float norm = std::sqrt(Dot(out, out, n));
  Scale(1.0f / (norm > 1e-12f ? norm : 1e-12f), n, out);
}

}  // namespace simile
