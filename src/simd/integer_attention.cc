// SPDX-License-Identifier: Apache-2.0
#include "simd/integer_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "simd/simd.h"
#include "simd/vector_math.h"

namespace simile {
namespace {

// Tiles of 4 rows by 8 columns, as in attention.cc. Operands stand in pairs of
// int16: two dimensions of a key, or two keys of a dimension of the values, which
// one instruction multiplies and adds.
constexpr size_t kRows = 4;
constexpr size_t kColumns = kKeyTile;
static_assert(kColumns == 2 * kLanes);
constexpr float kOperandMax = 2047.0f;  // 12 bits with sign
// Pairs of keys whose products with numerators (15 bits) add up in 32 bits:
// 8 * 2 * 2047 * 32767 < 2^31.
constexpr size_t kPairsPerSum = 8;
// Added to the scores of columns past the last token: their numerators round to 0.
constexpr float kNoToken = -1e30f;

using I16Tag = hn::FixedTag<int16_t, 2 * kLanes>;
using I16 = hn::Vec<I16Tag>;
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
    keys = reinterpret_cast<int16_t*>(take(padded * d * sizeof(int16_t)));
    values = reinterpret_cast<int16_t*>(take(padded * d * sizeof(int16_t)));
    key_steps = reinterpret_cast<float*>(take(padded * sizeof(float)));
    key_biases = reinterpret_cast<float*>(take(padded * sizeof(float)));
    value_steps = reinterpret_cast<float*>(take(d * sizeof(float)));
    scores = reinterpret_cast<float*>(take(kRows * padded * sizeof(float)));
    numerators = reinterpret_cast<int16_t*>(take(kRows * padded * sizeof(int16_t)));
    queries = reinterpret_cast<int16_t*>(take(kRows * d * sizeof(int16_t)));
    size_bytes = at - reinterpret_cast<uintptr_t>(memory);
  }

  size_t padded;        // T rounded up to whole tiles
  int16_t* keys;        // [padded / 8, d / 2, 8, 2]: a tile of keys, pair by pair
  int16_t* values;      // [d / 8, padded / 2, 8, 2]: a tile of dimensions
  float* key_steps;     // [padded]
  float* key_biases;    // [padded]: 0, past T kNoToken
  float* value_steps;   // [d]
  float* scores;        // [kRows, padded]
  int16_t* numerators;  // [kRows, padded]
  int16_t* queries;     // [kRows, d]
  size_t size_bytes;
};

// Steps a unit for operands up to `max`; 0 where there is nothing to resolve.
F32 StepsPerUnit(F32 max) {
  const F32 steps = hn::Div(Splat(kOperandMax), max);
  return hn::IfThenElseZero(hn::Lt(steps, Splat(std::numeric_limits<float>::infinity())), steps);
}

// Eight floats to int16, rounded to nearest.
I16 Quantize(const float* x, F32 left_steps, F32 right_steps) {
  return hn::OrderedDemote2To(kI16, NearestSmallInt(hn::Mul(Load(x), left_steps)),
                              NearestSmallInt(hn::Mul(Load(x + kLanes), right_steps)));
}

// rows[r][lane] becomes rows[lane][r].
void Transpose(I32 (&rows)[4]) {
  const hn::FixedTag<int64_t, 2> pairs;
  const auto as_pairs = [&](I32 v) { return hn::BitCast(pairs, v); };
  const auto low01 = as_pairs(hn::InterleaveLower(kI32, rows[0], rows[1]));
  const auto high01 = as_pairs(hn::InterleaveUpper(kI32, rows[0], rows[1]));
  const auto low23 = as_pairs(hn::InterleaveLower(kI32, rows[2], rows[3]));
  const auto high23 = as_pairs(hn::InterleaveUpper(kI32, rows[2], rows[3]));
  rows[0] = hn::BitCast(kI32, hn::InterleaveLower(pairs, low01, low23));
  rows[1] = hn::BitCast(kI32, hn::InterleaveUpper(pairs, low01, low23));
  rows[2] = hn::BitCast(kI32, hn::InterleaveLower(pairs, high01, high23));
  rows[3] = hn::BitCast(kI32, hn::InterleaveUpper(pairs, high01, high23));
}

// The largest magnitude of each of four rows of d floats.
F32 AbsMaxOfEach(const float* const (&rows)[4], size_t d) {
  I32 max[4];
  for (size_t r = 0; r < 4; ++r) {
    F32 m = hn::Abs(Load(rows[r]));
    for (size_t j = kLanes; j < d; j += kLanes) m = hn::Max(m, hn::Abs(Load(rows[r] + j)));
    max[r] = hn::BitCast(kI32, m);
  }
  Transpose(max);
  const auto of = [&](size_t lane) { return hn::BitCast(kF32, max[lane]); };
  return hn::Max(hn::Max(of(0), of(1)), hn::Max(of(2), of(3)));
}

// Four rows of d floats in 12 bits, each with its own step. Calls
// store(j, values): dimensions j … j + 7 of each row as int16. Returns the steps.
template <typename StoreBlock>
F32 QuantizeRows(const float* const (&rows)[4], size_t d, const StoreBlock& store) {
  const F32 max = AbsMaxOfEach(rows, d);
  float lanes[4];
  Store(StepsPerUnit(max), lanes);
  const F32 steps[4] = {Splat(lanes[0]), Splat(lanes[1]), Splat(lanes[2]), Splat(lanes[3])};
  for (size_t j = 0; j < d; j += 2 * kLanes) {
    I16 block[4];
    for (size_t r = 0; r < 4; ++r) block[r] = Quantize(rows[r] + j, steps[r], steps[r]);
    store(j, block);
  }
  return hn::Div(max, Splat(kOperandMax));
}

void PrepareKeys(const float* k, size_t stride, size_t T, size_t d, const Scratch& s) {
  static constexpr float kZeros[kMaxIntegerHead] = {};
  for (size_t t = 0; t < s.padded; t += 4) {
    const auto row = [&](size_t i) { return i < T ? k + i * stride : kZeros; };
    const float* const rows[4] = {row(t), row(t + 1), row(t + 2), row(t + 3)};
    int16_t* tile = s.keys + t / kColumns * kColumns * d + t % kColumns * 2;
    const F32 steps = QuantizeRows(rows, d, [&](size_t j, const I16 (&block)[4]) {
      I32 pairs[4];
      for (size_t r = 0; r < 4; ++r) pairs[r] = hn::BitCast(kI32, block[r]);
      Transpose(pairs);
      for (size_t p = 0; p < 4; ++p) {
        hn::StoreU(hn::BitCast(kI16, pairs[p]), kI16, tile + (j / 2 + p) * 2 * kColumns);
      }
    });
    Store(steps, s.key_steps + t);
    for (size_t i = t; i < t + 4; ++i) s.key_biases[i] = i < T ? 0.0f : kNoToken;
  }
}

void PrepareValues(const float* v, size_t stride, size_t T, size_t d, const Scratch& s) {
  int16_t* out = s.values;
  for (size_t x = 0; x < d; x += kColumns) {
    F32 left = hn::Zero(kF32), right = hn::Zero(kF32);
    for (size_t t = 0; t < T; ++t) {
      left = hn::Max(left, hn::Abs(Load(v + t * stride + x)));
      right = hn::Max(right, hn::Abs(Load(v + t * stride + x + kLanes)));
    }
    Store(hn::Mul(left, Splat(1.0f / kOperandMax)), s.value_steps + x);
    Store(hn::Mul(right, Splat(1.0f / kOperandMax)), s.value_steps + x + kLanes);
    left = StepsPerUnit(left);
    right = StepsPerUnit(right);
    const auto row = [&](size_t t) {
      return t < T ? Quantize(v + t * stride + x, left, right) : hn::Zero(kI16);
    };
    for (size_t t = 0; t < s.padded; t += 2, out += 2 * kColumns) {
      const I16 even = row(t), odd = row(t + 1);
      hn::StoreU(hn::InterleaveLower(kI16, even, odd), kI16, out);
      hn::StoreU(hn::InterleaveUpper(kI16, even, odd), kI16, out + kColumns);
    }
  }
}

template <size_t R>
struct IntegerTile {
  I32 left[R], right[R];  // columns 0…3 and 4…7 of each row
};

// The sum over `pairs` pairs of R rows of a with 8 columns of b, [pairs, 8, 2].
// Locals, which stay in registers over the loop.
template <size_t R>
[[gnu::always_inline]] inline IntegerTile<R> Multiply(const int16_t* a, size_t a_stride,
                                                      const int16_t* b, size_t pairs) {
  IntegerTile<R> tile;
  for (size_t r = 0; r < R; ++r) tile.left[r] = tile.right[r] = hn::Zero(kI32);
  for (size_t p = 0; p < pairs; ++p, b += 2 * kColumns) {
    const I16 b_left = hn::LoadU(kI16, b), b_right = hn::LoadU(kI16, b + kColumns);
    for (size_t r = 0; r < R; ++r) {
      int32_t pair;
      std::memcpy(&pair, a + r * a_stride + 2 * p, sizeof pair);
      const I16 a_pair = hn::BitCast(kI16, hn::Set(kI32, pair));
      tile.left[r] = hn::Add(tile.left[r], hn::WidenMulPairwiseAdd(kI32, a_pair, b_left));
      tile.right[r] = hn::Add(tile.right[r], hn::WidenMulPairwiseAdd(kI32, a_pair, b_right));
    }
  }
  return tile;
}

// Scores of R queries with the keys of `tiles`, and the largest of each query.
// query_steps: what a step of a query is worth in units of the result.
template <size_t R>
void ScoreRows(const Scratch& s, size_t d, KeyRange tiles, const float* query_steps,
               float* max) {
  F32 row_max[R];
  for (size_t r = 0; r < R; ++r) row_max[r] = Splat(kNoToken);
  for (size_t n = tiles.begin; n < tiles.end; n += kColumns) {
    const IntegerTile<R> tile = Multiply<R>(s.queries, d, s.keys + n * d, d / 2);
    const auto score = [&](I32 sum, F32 query_step, size_t column) {
      const F32 product = hn::Mul(hn::ConvertTo(kF32, sum), query_step);
      return MulThenAdd(product, Load(s.key_steps + column), Load(s.key_biases + column));
    };
    for (size_t r = 0; r < R; ++r) {
      const F32 step = Splat(query_steps[r]);
      const F32 left = score(tile.left[r], step, n);
      const F32 right = score(tile.right[r], step, n + kLanes);
      row_max[r] = hn::Max(row_max[r], hn::Max(left, right));
      Store(left, s.scores + r * s.padded + n);
      Store(right, s.scores + r * s.padded + n + kLanes);
    }
  }
  for (size_t r = 0; r < R; ++r) max[r] = MaxLanes(row_max[r]);
}

// numerators = 2^(scores - max) in 15 bits; returns 1 / their sum.
float Numerators(const float* scores, float max, size_t count, int16_t* numerators) {
  const Exp2To15Bits exp2;
  const F32 max_v = Splat(max);
  I32 sum = hn::Zero(kI32);
  for (size_t t = 0; t < count; t += 2 * kLanes) {
    const I32 left = exp2(hn::Sub(Load(scores + t), max_v));
    const I32 right = exp2(hn::Sub(Load(scores + t + kLanes), max_v));
    sum = hn::Add(sum, hn::Add(left, right));
    hn::StoreU(hn::OrderedDemote2To(kI16, left, right), kI16, numerators + t);
  }
  int32_t lanes[kLanes];
  hn::StoreU(sum, kI32, lanes);
  return 1.0f / static_cast<float>(lanes[0] + lanes[1] + lanes[2] + lanes[3]);
}

template <size_t R>
void WeighValues(const Scratch& s, size_t d, KeyRange tiles, const float* inverse_sums,
                 float* out, size_t out_stride) {
  const size_t end = tiles.end / 2;
  for (size_t x = 0; x < d; x += kColumns) {
    F32 left[R], right[R];
    for (size_t r = 0; r < R; ++r) left[r] = right[r] = hn::Zero(kF32);
    for (size_t p = tiles.begin / 2; p < end; p += kPairsPerSum) {
      const IntegerTile<R> tile =
          Multiply<R>(s.numerators + 2 * p, s.padded, s.values + x * s.padded + p * 2 * kColumns,
                      std::min(kPairsPerSum, end - p));
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

// Attention of the queries t … t + R - 1 of one head.
template <size_t R>
void AttendRows(const AttentionShape& shape, size_t t, const float* q, size_t stride,
                const Scratch& s, float* out, size_t out_stride) {
  const size_t d = shape.d;
  const KeyRange tiles = shape.TilesOf(t, R);
  const float scale = shape.scale == 0.0f
                          ? kIntegerBiasUnit / std::sqrt(static_cast<float>(d))
                          : kIntegerBiasUnit * shape.scale;
  const auto row = [&](size_t r) { return q + (t + (r < R ? r : 0)) * stride; };
  const float* const rows[4] = {row(0), row(1), row(2), row(3)};
  const F32 steps = QuantizeRows(rows, d, [&](size_t j, const I16 (&block)[4]) {
    for (size_t r = 0; r < R; ++r) hn::StoreU(block[r], kI16, s.queries + r * d + j);
  });
  float query_steps[4], max[R], inverse_sums[R];
  Store(hn::Mul(steps, Splat(scale)), query_steps);
  ScoreRows<R>(s, d, tiles, query_steps, max);
  for (size_t r = 0; r < R; ++r) {
    float* scores = s.scores + r * s.padded;
    if (!shape.IsPlain()) max[r] = FinishScores(shape, t + r, tiles, scores);
    inverse_sums[r] = Numerators(scores + tiles.begin, max[r], tiles.size(),
                                 s.numerators + r * s.padded + tiles.begin);
  }
  WeighValues<R>(s, d, tiles, inverse_sums, out + t * out_stride, out_stride);
}

void AttendQueries(const AttentionShape& shape, const float* q, size_t stride, const Scratch& s,
                   float* out, size_t out_stride) {
  for (size_t t = 0; t < shape.T; t += kRows) {
    switch (shape.T - t) {
      case 1: AttendRows<1>(shape, t, q, stride, s, out, out_stride); break;
      case 2: AttendRows<2>(shape, t, q, stride, s, out, out_stride); break;
      case 3: AttendRows<3>(shape, t, q, stride, s, out, out_stride); break;
      default: AttendRows<4>(shape, t, q, stride, s, out, out_stride); break;
    }
  }
}

}  // namespace

size_t IntegerAttentionScratch(size_t T, size_t d) {
  return Scratch(nullptr, T, d).size_bytes;
}

void AttendHeadInInteger(const AttentionShape& shape, const float* q, const float* k,
                         const float* v, size_t stride, void* scratch, float* out,
                         size_t out_stride) {
  const Scratch s(scratch, shape.T, shape.d);
  PrepareKeys(k, stride, shape.T, shape.d, s);
  PrepareValues(v, stride, shape.T, shape.d, s);
  for (size_t head = 0; head < shape.query_heads; ++head) {
    AttendQueries(shape, q + head * shape.d, stride, s, out + head * shape.d, out_stride);
  }
}

}  // namespace simile
