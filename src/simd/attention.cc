// SPDX-License-Identifier: Apache-2.0
#include "simd/attention.h"

#include <algorithm>
#include <cmath>

#include "simd/row_kernels.h"
#include "simd/simd.h"
#include "simd/vector_math.h"

namespace simile {
namespace {

// Tiles of 4 rows by 8 columns: 8 accumulators, 2 vectors of b and 1 of a fit
// the 16 vector registers of x86 and of V8.
constexpr size_t kTileRows = 4;
constexpr size_t kTileColumns = kKeyTile;
static_assert(kTileColumns == 2 * kLanes);

size_t PaddedTokens(size_t T) { return (T + kTileColumns - 1) / kTileColumns * kTileColumns; }

// c[r, 0…7] = sum_k a[r, k] * b[k, 0…7], r < R; sums run over k in order.
template <size_t R>
void TileProduct(const float* a, size_t a_stride, const float* b, size_t b_stride, size_t K,
                 float* c, size_t c_stride) {
  F32 left[R], right[R];
  for (size_t r = 0; r < R; ++r) left[r] = right[r] = hn::Zero(kF32);
  for (size_t k = 0; k < K; ++k) {
    const F32 b_left = Load(b + k * b_stride);
    const F32 b_right = Load(b + k * b_stride + kLanes);
    for (size_t r = 0; r < R; ++r) {
      const F32 a_k = Splat(a[r * a_stride + k]);
      left[r] = MulThenAdd(a_k, b_left, left[r]);
      right[r] = MulThenAdd(a_k, b_right, right[r]);
    }
  }
  for (size_t r = 0; r < R; ++r) {
    Store(left[r], c + r * c_stride);
    Store(right[r], c + r * c_stride + kLanes);
  }
}

// The same for N columns (a multiple of 8) and up to 4 rows.
void RowsProduct(size_t rows, const float* a, size_t a_stride, const float* b,
                 size_t b_stride, size_t K, size_t N, float* c, size_t c_stride) {
  for (size_t n = 0; n < N; n += kTileColumns) {
    switch (rows) {
      case 4: TileProduct<4>(a, a_stride, b + n, b_stride, K, c + n, c_stride); break;
      case 3: TileProduct<3>(a, a_stride, b + n, b_stride, K, c + n, c_stride); break;
      case 2: TileProduct<2>(a, a_stride, b + n, b_stride, K, c + n, c_stride); break;
      default: TileProduct<1>(a, a_stride, b + n, b_stride, K, c + n, c_stride); break;
    }
  }
}

// [T, d] -> [d, padded], the columns past T zero.
void Transpose(const float* k, size_t stride, size_t T, size_t d, size_t padded, float* out) {
  for (size_t j = 0; j < d; ++j) {
    float* row = out + j * padded;
    for (size_t t = 0; t < T; ++t) row[t] = k[t * stride + j];
    for (size_t t = T; t < padded; ++t) row[t] = 0.0f;
  }
}

// scores = exp((scores - max) * scale); returns the sum. scale > 0.
float ExpScores(float max, float scale, size_t count, float* scores) {
  const F32 max_v = Splat(max), scale_v = Splat(scale);
  F32 sum = hn::Zero(kF32);
  for (size_t t = 0; t < count; t += kLanes) {
    const F32 e = ExpNonPositive(hn::Mul(hn::Sub(Load(scores + t), max_v), scale_v));
    Store(e, scores + t);
    sum = hn::Add(sum, e);
  }
  return SumLanes(sum);
}

struct Scratch {
  float* keys;    // [d, padded]
  float* scores;  // [kTileRows, padded]
  size_t padded;
};

// Attention of up to kTileRows queries from t on, of one head.
void AttendRows(const AttentionShape& shape, size_t t, size_t rows, const float* q,
                const float* v, size_t stride, const Scratch& s, float* out,
                size_t out_stride) {
  const KeyRange tiles = shape.TilesOf(t, rows);
  const float scale =
      shape.scale == 0.0f ? 1.0f / std::sqrt(static_cast<float>(shape.d)) : shape.scale;
  RowsProduct(rows, q + t * stride, stride, s.keys + tiles.begin, s.padded, shape.d,
              tiles.size(), s.scores + tiles.begin, s.padded);
  float sums[kTileRows];
  for (size_t r = 0; r < rows; ++r) {
    float* scores = s.scores + r * s.padded;
    // A bias is added to scaled scores; without one the scale waits for exp.
    if (shape.bias != nullptr) Scale(scale, tiles.size(), scores + tiles.begin);
    const float max = FinishScores(shape, t + r, tiles, scores);
    sums[r] = ExpScores(max, shape.bias != nullptr ? 1.0f : scale, tiles.size(),
                        scores + tiles.begin);
  }
  const size_t end = std::min(tiles.end, shape.T);
  RowsProduct(rows, s.scores + tiles.begin, s.padded, v + tiles.begin * stride, stride,
              end - tiles.begin, shape.d, out + t * out_stride, out_stride);
  for (size_t r = 0; r < rows; ++r) Scale(1.0f / sums[r], shape.d, out + (t + r) * out_stride);
}

}  // namespace

size_t AttentionScratch(size_t T, size_t d) { return PaddedTokens(T) * (d + kTileRows); }

void AttendHead(const AttentionShape& shape, const float* q, const float* k, const float* v,
                size_t stride, float* scratch, float* out, size_t out_stride) {
  const size_t padded = PaddedTokens(shape.T);
  const Scratch s = {scratch, scratch + shape.d * padded, padded};
  Transpose(k, stride, shape.T, shape.d, padded, s.keys);
  for (size_t head = 0; head < shape.query_heads; ++head) {
    for (size_t t = 0; t < shape.T; t += kTileRows) {
      AttendRows(shape, t, std::min(kTileRows, shape.T - t), q + head * shape.d, v, stride, s,
                 out + head * shape.d, out_stride);
    }
  }
}

}  // namespace simile
