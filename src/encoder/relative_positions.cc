// SPDX-License-Identifier: Apache-2.0
#include "encoder/relative_positions.h"

#include <algorithm>

#include "encoder/scalar_math.h"
#include "simd/attention_shape.h"

namespace simile {

uint32_t RelativeBucket(int64_t distance, uint32_t buckets, uint32_t max_distance) {
  const uint32_t half = buckets / 2;
  const uint32_t side = distance > 0 ? half : 0;
  const double n = static_cast<double>(distance > 0 ? distance : -distance);
  const double exact = half / 2;  // distances below have a bucket of their own
  if (n < exact) return side + static_cast<uint32_t>(n);
  const double octaves = NaturalLog(n / exact) / NaturalLog(max_distance / exact);
  // Where the logarithms divide without rest, the quotient may be a rounding too small.
  const double bucket = exact + octaves * (half - exact) + 1e-9;
  return side + static_cast<uint32_t>(std::min(bucket, half - 1.0));
}

Status RelativePositions::Grow(size_t T, const float* table, uint32_t buckets,
                               uint32_t max_distance, size_t heads, float unit) {
  if (T <= T_) return Status();
  const size_t stride = 2 * T - 1 + kKeyTile;
  SIMILE_RETURN_IF_ERROR(values_.Resize(heads * stride));
  std::fill(values_.begin(), values_.end(), 0.0f);
  for (size_t i = 0; i < 2 * T - 1; ++i) {
    const int64_t distance = static_cast<int64_t>(i) - static_cast<int64_t>(T - 1);
    const float* row = table + RelativeBucket(distance, buckets, max_distance) * heads;
    for (size_t head = 0; head < heads; ++head) values_[head * stride + i] = row[head] * unit;
  }
  T_ = T;
  stride_ = stride;
  return Status();
}

}  // namespace simile
