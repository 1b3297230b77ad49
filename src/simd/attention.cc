// SPDX-License-Identifier: Apache-2.0
#include "simd/attention.h"

#include <cmath>

#include "simd/simd.h"
#include "simd/vector_math.h"

namespace simile {
namespace {

// Tiles of 4 rows by 8 columns: 8 accumulators, 2 vectors of b and 1 of a fit
// the 16 vector registers of x86 and of V8.
constexpr size_t kTileRows = 4;
constexpr size_t kTileColumns = 2 * kLanes;

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

// scores = exp((scores - max) * scale) over the first T of `padded` (the rest
// becomes 0); returns the sum. scale > 0.
float ExpScores(size_t T, size_t padded, float scale, float* scores) {
  const F32 max_v = Splat(MaxOf(scores, T));
  const F32 scale_v = Splat(scale);
  F32 sum = hn::Zero(kF32);
  for (size_t t = 0; t < padded; t += kLanes) {
    // Scores past T are products with zero keys, not part of the softmax: min
    // keeps their exponent in range, FirstN drops them.
    const F32 distance = hn::Min(hn::Sub(Load(scores + t), max_v), hn::Zero(kF32));
    F32 e = ExpNonPositive(hn::Mul(distance, scale_v));
    if (t + kLanes > T) {
      e = t >= T ? hn::Zero(kF32)
                 : hn::IfThenElse(hn::FirstN(kF32, T - t), e, hn::Zero(kF32));
    }
    Store(e, scores + t);
    sum = hn::Add(sum, e);
  }
  return SumLanes(sum);
}

}  // namespace

size_t AttentionScratch(size_t T, size_t d) { return PaddedTokens(T) * (d + kTileRows); }

void AttendHead(const float* q, const float* k, const float* v, size_t stride, size_t T,
                size_t d, float* scratch, float* out, size_t out_stride) {
  const size_t padded = PaddedTokens(T);
  const float scale = 1.0f / std::sqrt(static_cast<float>(d));
  float* k_transposed = scratch;
  float* scores = scratch + d * padded;
  Transpose(k, stride, T, d, padded, k_transposed);
  for (size_t t = 0; t < T; t += kTileRows) {
    const size_t rows = T - t < kTileRows ? T - t : kTileRows;
    RowsProduct(rows, q + t * stride, stride, k_transposed, padded, d, padded, scores, padded);
    float sums[kTileRows];
    for (size_t r = 0; r < rows; ++r) {
      sums[r] = ExpScores(T, padded, scale, scores + r * padded);
    }
    RowsProduct(rows, scores, padded, v, stride, T, d, out + t * out_stride, out_stride);
    for (size_t r = 0; r < rows; ++r) {
      const F32 inverse = Splat(1.0f / sums[r]);
      float* row = out + (t + r) * out_stride;
      for (size_t j = 0; j < d; j += kLanes) Store(hn::Mul(Load(row + j), inverse), row + j);
    }
  }
}

}  // namespace simile
