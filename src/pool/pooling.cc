// SPDX-License-Identifier: Apache-2.0
#include "pool/pooling.h"

#include <cmath>
#include <cstring>

#include "simd/row_kernels.h"

namespace simile {
namespace {

void Sum(const float* hidden, size_t T, size_t H, float* out) {
  std::memcpy(out, hidden, H * sizeof(float));
  for (size_t t = 1; t < T; ++t) AddTo(hidden + t * H, H, out);
}

void Max(const float* hidden, size_t T, size_t H, float* out) {
  std::memcpy(out, hidden, H * sizeof(float));
  for (size_t t = 1; t < T; ++t) {
    const float* row = hidden + t * H;
    for (size_t h = 0; h < H; ++h) out[h] = row[h] > out[h] ? row[h] : out[h];
  }
}

// Weights 1, 2, 3 …: a decoder's later tokens have seen more.
void WeightedMean(const float* hidden, size_t T, size_t H, float* out) {
  std::memcpy(out, hidden, H * sizeof(float));
  for (size_t t = 1; t < T; ++t) {
    const float* row = hidden + t * H;
    const float weight = static_cast<float>(t + 1);
    for (size_t h = 0; h < H; ++h) out[h] += weight * row[h];
  }
  const double weights = 0.5 * static_cast<double>(T) * static_cast<double>(T + 1);
  Scale(static_cast<float>(1.0 / weights), H, out);
}

}  // namespace

void Pool(Pooling pooling, const float* hidden, size_t T, size_t H, float* out) {
  const float count = static_cast<float>(T);
  switch (pooling) {
    case Pooling::kMean:
      Sum(hidden, T, H, out);
      return Scale(1.0f / count, H, out);
    case Pooling::kMeanSqrtLen:
      Sum(hidden, T, H, out);
      return Scale(1.0f / std::sqrt(count), H, out);
    case Pooling::kWeightedMean:
      return WeightedMean(hidden, T, H, out);
    case Pooling::kMax:
      return Max(hidden, T, H, out);
    case Pooling::kCls:
      std::memcpy(out, hidden, H * sizeof(float));
      return;
    case Pooling::kLast:
      std::memcpy(out, hidden + (T - 1) * H, H * sizeof(float));
      return;
  }
}

void NormalizeL2(size_t n, float* out) {
  const float norm = std::sqrt(Dot(out, out, n));
  Scale(1.0f / (norm > 1e-12f ? norm : 1e-12f), n, out);
}

}  // namespace simile
