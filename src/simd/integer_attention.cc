// SPDX-License-Identifier: Apache-2.0
#include "simd/integer_attention.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "simd/simd.h"
#include "simd/vector_math.h"

namespace simile {
namespace {

// Tiles of 4 rows by 8 columns, as in attention.cc. Operands stand in pairs of
// int16: two dimensions of a key, or two keys of a dimension of the values, which
// one instruction multiplies and adds.
constexpr size_t kRows = 4;
constexpr size_t kColumns = 2 * kLanes;
constexpr float kOperandMax = 2047.0f;     // 12 bits with sign
constexpr float kNumeratorMax = 32767.0f;  // 15 bits
// Pairs of keys whose products with numerators add up in 32 bits:
// 8 * 2 * 2047 * 32767 < 2^31.
constexpr size_t kPairsPerSum = 8;

using I16Tag = hn::FixedTag<int16_t, 2 * kLanes>;
constexpr I16Tag kI16;

size_t RoundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// The pieces of the scratch; each starts at a multiple of 16 bytes.
struct Scratch {
  Scratch(void* memory, size_t T, size_t d) : padded(RoundUp(T, kColumns)) {
    uintptr_t at = reinterpret_cast<uintptr_t>(memory);
    const auto take = [&](size_t bytes) {
      const uintptr_t piece = at;
      at += RoundUp(bytes, 16);
      return piece;
    };
    key_pairs = reinterpret_cast<int16_t*>(take(padded * d * sizeof(int16_t)));
    value_pairs = reinterpret_cast<int16_t*>(take(padded * d * sizeof(int16_t)));
    key_steps = reinterpret_cast<float*>(take(padded * sizeof(float)));
    value_steps = reinterpret_cast<float*>(take(d * sizeof(float)));
    scores = reinterpret_cast<float*>(take(kRows * padded * sizeof(float)));
    numerators = reinterpret_cast<int16_t*>(take(kRows * padded * sizeof(int16_t)));
    queries = reinterpret_cast<int16_t*>(take(kRows * d * sizeof(int16_t)));
    size_bytes = at - reinterpret_cast<uintptr_t>(memory);
  }

  size_t padded;         // T rounded up to whole tiles
  int16_t* key_pairs;    // [d / 2, padded, 2]
  int16_t* value_pairs;  // [padded / 2, d, 2]
  float* key_steps;      // [padded]
  float* value_steps;    // [d]
  float* scores;         // [kRows, padded]
  int16_t* numerators;   // [kRows, padded]
  int16_t* queries;      // [kRows, d]
  size_t size_bytes;
};

float AbsMax(const float* x, size_t n) {
  F32 max = hn::Zero(kF32);
  for (size_t i = 0; i < n; i += kLanes) max = hn::Max(max, hn::Abs(Load(x + i)));
  return MaxLanes(max);
}

// Steps a unit for operands up to `max`; 0 where there is nothing to resolve.
float StepsPerUnit(float max) {
  const float steps = kOperandMax / max;
  return std::isfinite(steps) ? steps : 0.0f;
}

// [d] f32 -> [d] int16, rounded to nearest; d is a multiple of 8.
void QuantizeTo16(const float* x, size_t d, float steps, int16_t* out) {
  const F32 s = Splat(steps);
  for (size_t i = 0; i < d; i += 2 * kLanes) {
    const I32 low = hn::NearestInt(hn::Mul(Load(x + i), s));
    const I32 high = hn::NearestInt(hn::Mul(Load(x + i + kLanes), s));
    hn::StoreU(hn::OrderedDemote2To(kI16, low, high), kI16, out + i);
  }
}

void PrepareKeys(const float* k, size_t stride, size_t T, size_t d, const Scratch& s) {
  int16_t row[kMaxIntegerHead];
  for (size_t t = 0; t < s.padded; ++t) {
    const float max = t < T ? AbsMax(k + t * stride, d) : 0.0f;
    s.key_steps[t] = max / kOperandMax;
    if (t < T) {
      QuantizeTo16(k + t * stride, d, StepsPerUnit(max), row);
    } else {
      std::memset(row, 0, d * sizeof(int16_t));
    }
    for (size_t j = 0; j < d; j += 2) {
      std::memcpy(s.key_pairs + (j / 2 * s.padded + t) * 2, row + j, 2 * sizeof(int16_t));
    }
  }
}

void PrepareValues(const float* v, size_t stride, size_t T, size_t d, const Scratch& s) {
  std::memset(s.value_pairs, 0, s.padded * d * sizeof(int16_t));
  for (size_t x = 0; x < d; x += kLanes) {
    F32 max = hn::Zero(kF32);
    for (size_t t = 0; t < T; ++t) max = hn::Max(max, hn::Abs(Load(v + t * stride + x)));
    float lanes[kLanes];
    Store(max, lanes);
    Store(hn::Mul(max, Splat(1.0f / kOperandMax)), s.value_steps + x);
    for (float& lane : lanes) lane = StepsPerUnit(lane);
    const F32 steps = Load(lanes);
    for (size_t t = 0; t < T; ++t) {
      int32_t quantized[kLanes];
      hn::StoreU(hn::NearestInt(hn::Mul(Load(v + t * stride + x), steps)), kI32, quantized);
      int16_t* pair = s.value_pairs + (t / 2 * d + x) * 2 + t % 2;
      for (size_t i = 0; i < kLanes; ++i) pair[2 * i] = static_cast<int16_t>(quantized[i]);
    }
  }
}

// sums[r, 0…7] = sum over `pairs` pairs of a[r] with the tile's columns of b.
template <size_t R>
struct IntegerTile {
  I32 left[R], right[R];

  // Locals, which stay in registers over the loop.
  void Add(const int16_t* a, size_t a_stride, const int16_t* b, size_t b_stride,
           size_t pairs) {
    I32 l[R], r[R];
    for (size_t i = 0; i < R; ++i) l[i] = r[i] = hn::Zero(kI32);
    for (size_t p = 0; p < pairs; ++p) {
      const auto b_left = hn::LoadU(kI16, b + p * b_stride);
      const auto b_right = hn::LoadU(kI16, b + p * b_stride + 2 * kLanes);
      for (size_t i = 0; i < R; ++i) {
        int32_t pair;
        std::memcpy(&pair, a + i * a_stride + 2 * p, sizeof pair);
        const auto a_pair = hn::BitCast(kI16, hn::Set(kI32, pair));
        l[i] = hn::Add(l[i], hn::WidenMulPairwiseAdd(kI32, a_pair, b_left));
        r[i] = hn::Add(r[i], hn::WidenMulPairwiseAdd(kI32, a_pair, b_right));
      }
    }
    for (size_t i = 0; i < R; ++i) {
      left[i] = l[i];
      right[i] = r[i];
    }
  }
};

template <size_t R>
void ScoreRows(const Scratch& s, size_t d, const float* query_steps) {
  IntegerTile<R> tile;
  for (size_t n = 0; n < s.padded; n += kColumns) {
    tile.Add(s.queries, d, s.key_pairs + 2 * n, 2 * s.padded, d / 2);
    const F32 left = Load(s.key_steps + n), right = Load(s.key_steps + n + kLanes);
    for (size_t r = 0; r < R; ++r) {
      const F32 step = Splat(query_steps[r]);
      float* out = s.scores + r * s.padded + n;
      Store(hn::Mul(hn::Mul(hn::ConvertTo(kF32, tile.left[r]), step), left), out);
      Store(hn::Mul(hn::Mul(hn::ConvertTo(kF32, tile.right[r]), step), right), out + kLanes);
    }
  }
}

// numerators = exp(scores - max) in 15 bits, 0 past T; returns 1 / their sum.
float Numerators(const float* scores, size_t T, size_t padded, int16_t* numerators) {
  const F32 max_v = Splat(MaxOf(scores, T));
  I32 sum = hn::Zero(kI32);
  const auto numerator = [&](size_t t) {
    const F32 distance = hn::Min(hn::Sub(Load(scores + t), max_v), hn::Zero(kF32));
    I32 e = hn::NearestInt(hn::Mul(ExpNonPositive(distance), Splat(kNumeratorMax)));
    if (t + kLanes > T) {
      e = t >= T ? hn::Zero(kI32) : hn::IfThenElseZero(hn::FirstN(kI32, T - t), e);
    }
    sum = hn::Add(sum, e);
    return e;
  };
  for (size_t t = 0; t < padded; t += 2 * kLanes) {
    const I32 low = numerator(t);
    hn::StoreU(hn::OrderedDemote2To(kI16, low, numerator(t + kLanes)), kI16, numerators + t);
  }
  int32_t lanes[kLanes];
  hn::StoreU(sum, kI32, lanes);
  return 1.0f / static_cast<float>(lanes[0] + lanes[1] + lanes[2] + lanes[3]);
}

template <size_t R>
void WeighValues(const Scratch& s, size_t d, const float* inverse_sums, float* out,
                 size_t out_stride) {
  IntegerTile<R> tile;
  const size_t pairs = s.padded / 2;
  for (size_t x = 0; x < d; x += kColumns) {
    F32 left[R], right[R];
    for (size_t r = 0; r < R; ++r) left[r] = right[r] = hn::Zero(kF32);
    for (size_t p = 0; p < pairs; p += kPairsPerSum) {
      const size_t count = pairs - p < kPairsPerSum ? pairs - p : kPairsPerSum;
      tile.Add(s.numerators + 2 * p, s.padded, s.value_pairs + (p * d + x) * 2, 2 * d, count);
      for (size_t r = 0; r < R; ++r) {
        left[r] = hn::Add(left[r], hn::ConvertTo(kF32, tile.left[r]));
        right[r] = hn::Add(right[r], hn::ConvertTo(kF32, tile.right[r]));
      }
    }
    const F32 left_step = Load(s.value_steps + x), right_step = Load(s.value_steps + x + kLanes);
    for (size_t r = 0; r < R; ++r) {
      const F32 inverse = Splat(inverse_sums[r]);
      Store(hn::Mul(hn::Mul(left[r], inverse), left_step), out + r * out_stride + x);
      Store(hn::Mul(hn::Mul(right[r], inverse), right_step), out + r * out_stride + x + kLanes);
    }
  }
}

template <size_t R>
void AttendRows(const float* q, size_t stride, size_t T, size_t d, const Scratch& s,
                float* out, size_t out_stride) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(d));
  float query_steps[R], inverse_sums[R];
  for (size_t r = 0; r < R; ++r) {
    const float max = AbsMax(q + r * stride, d);
    query_steps[r] = max / kOperandMax * scale;
    QuantizeTo16(q + r * stride, d, StepsPerUnit(max), s.queries + r * d);
  }
  ScoreRows<R>(s, d, query_steps);
  for (size_t r = 0; r < R; ++r) {
    inverse_sums[r] =
        Numerators(s.scores + r * s.padded, T, s.padded, s.numerators + r * s.padded);
  }
  WeighValues<R>(s, d, inverse_sums, out, out_stride);
}

}  // namespace

size_t IntegerAttentionScratch(size_t T, size_t d) {
  return Scratch(nullptr, T, d).size_bytes;
}

void AttendHeadInInteger(const float* q, const float* k, const float* v, size_t stride,
                         size_t T, size_t d, void* scratch, float* out, size_t out_stride) {
  const Scratch s(scratch, T, d);
  PrepareKeys(k, stride, T, d, s);
  PrepareValues(v, stride, T, d, s);
  for (size_t t = 0; t < T; t += kRows) {
    const float* rows = q + t * stride;
    float* row_out = out + t * out_stride;
    switch (T - t) {
      case 1: AttendRows<1>(rows, stride, T, d, s, row_out, out_stride); break;
      case 2: AttendRows<2>(rows, stride, T, d, s, row_out, out_stride); break;
      case 3: AttendRows<3>(rows, stride, T, d, s, row_out, out_stride); break;
      default: AttendRows<4>(rows, stride, T, d, s, row_out, out_stride); break;
    }
  }
}

}  // namespace simile
