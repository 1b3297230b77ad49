// SPDX-License-Identifier: Apache-2.0
#include "simd/attention_shape.h"

#include <algorithm>

#include "simd/row_kernels.h"
#include "simd/simd.h"

namespace simile {
namespace {

// Of a key that is not seen: whatever the other scores, its weight rounds to 0.
constexpr float kUnseen = -1e30f;

}  // namespace

float FinishScores(const AttentionShape& shape, size_t query, KeyRange tiles, float* scores) {
  if (shape.bias != nullptr) {
    const ptrdiff_t first = static_cast<ptrdiff_t>(tiles.begin) - static_cast<ptrdiff_t>(query);
    AddTo(shape.bias + first, tiles.size(), scores + tiles.begin);
  }
  const KeyRange seen = shape.Sees(query);
  std::fill(scores + tiles.begin, scores + seen.begin, kUnseen);
  std::fill(scores + seen.end, scores + tiles.end, kUnseen);
  return MaxOf(scores + tiles.begin, tiles.size());
}

}  // namespace simile
