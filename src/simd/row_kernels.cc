// SPDX-License-Identifier: Apache-2.0
#include "simd/row_kernels.h"

#include <cmath>
#include <limits>

#include "simd/simd.h"
#include "simd/vector_math.h"

namespace simile {
namespace {

// Calls full(i) for each whole vector and part(i, rest) for what is left.
template <typename Full, typename Part>
inline void ForVectors(size_t n, const Full& full, const Part& part) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) full(i);
  if (i < n) part(i, n - i);
}

// Sum of f(i) over whole vectors in four interleaved accumulators (one chain of
// additions would wait for each), then the rest; always in this order.
template <typename Load>
inline float SumOf(size_t n, const Load& load) {
  F32 sums[4] = {hn::Zero(kF32), hn::Zero(kF32), hn::Zero(kF32), hn::Zero(kF32)};
  size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    for (size_t j = 0; j < 4; ++j) sums[j] = hn::Add(sums[j], load(i + j * kLanes, kLanes));
  }
  for (; i < n; i += kLanes) {
    sums[0] = hn::Add(sums[0], load(i, n - i < kLanes ? n - i : kLanes));
  }
  return SumLanes(hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3])));
}

inline F32 LoadUpTo(const float* p, size_t count) {
  return count == kLanes ? Load(p) : LoadPart(p, count);
}

struct Range {
  float min, max;
};

// Values of a row, multiplied by `smoothing` ([n]) if there is one.
class SmoothedRow {
 public:
  SmoothedRow(const float* x, const float* smoothing) : x_(x), smoothing_(smoothing) {}

  F32 At(size_t i) const {
    const F32 v = Load(x_ + i);
    return smoothing_ == nullptr ? v : hn::Mul(v, Load(smoothing_ + i));
  }
  F32 At(size_t i, size_t count) const {
    if (count == kLanes) return At(i);
    const F32 v = LoadPart(x_ + i, count);
    return smoothing_ == nullptr ? v : hn::Mul(v, LoadPart(smoothing_ + i, count));
  }

 private:
  const float* x_;
  const float* smoothing_;
};

// The range of the row and of 0.
Range RangeWithZero(const SmoothedRow& row, size_t n) {
  F32 low[2] = {hn::Zero(kF32), hn::Zero(kF32)};
  F32 high[2] = {hn::Zero(kF32), hn::Zero(kF32)};
  const auto widen = [&](size_t j, F32 v) {
    low[j] = hn::Min(low[j], v);
    high[j] = hn::Max(high[j], v);
  };
  size_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    widen(0, row.At(i));
    widen(1, row.At(i + kLanes));
  }
  for (; i < n; i += kLanes) widen(0, row.At(i, n - i < kLanes ? n - i : kLanes));
  return {-MaxLanes(hn::Neg(hn::Min(low[0], low[1]))), MaxLanes(hn::Max(high[0], high[1]))};
}

// XNNPACK's parameters: steps a unit, and where 0 falls, rounded to a whole step
// on the side with the smaller error.
float StepsPerUnit(Range range) {
  const float steps = 255.0f / (range.max - range.min);
  // Rows of zeros, and ranges that f32 cannot hold a step of.
  return std::isfinite(steps) && steps > 0.0f ? steps : 1.0f;
}

int32_t ZeroPoint(Range range, float steps_per_unit) {
  const float low = range.min * steps_per_unit;
  const float high = range.max * steps_per_unit;
  const float zero_point =
      (-128.0f + low) + (127.0f + high) > 0.0f ? -128.0f - low : 127.0f - high;
  if (!(zero_point > -128.0f)) return -128;
  if (!(zero_point < 127.0f)) return 127;
  return static_cast<int32_t>(std::nearbyint(zero_point));
}

// Values of a row in whole steps from its zero point.
class RowQuantizer {
 public:
  RowQuantizer(const SmoothedRow& row, float steps, int32_t zero_point)
      : row_(row), steps_(Splat(steps)),
        low_(Splat(static_cast<float>(-128 - zero_point))),
        high_(Splat(static_cast<float>(127 - zero_point))) {}

  I32 At(size_t i) const { return Quantize(row_.At(i)); }
  I32 At(size_t i, size_t count) const { return Quantize(row_.At(i, count)); }

 private:
  // Rounded before the zero point is added, as XNNPACK does; the bounds are
  // taken in f32, where no value is out of range for the conversion.
  I32 Quantize(F32 v) const {
    return NearestSmallInt(hn::Min(hn::Max(hn::Mul(v, steps_), low_), high_));
  }

  SmoothedRow row_;
  F32 steps_, low_, high_;
};

// What a RowQuantizer leaves over, in steps of 1 / kRemainderSteps of its own. It leaves
// half a step, and up to a whole one at the ends, where the zero point was rounded.
constexpr float kRemainderSteps = 128.0f;

class RemainderQuantizer {
 public:
  RemainderQuantizer(const SmoothedRow& row, float steps, int32_t zero_point)
      : row_(row), steps_(Splat(steps)), quantizer_(row, steps, zero_point) {}

  I32 At(size_t i) const { return Quantize(row_.At(i), quantizer_.At(i)); }
  I32 At(size_t i, size_t count) const {
    return Quantize(row_.At(i, count), quantizer_.At(i, count));
  }

 private:
  I32 Quantize(F32 v, I32 whole) const {
    const F32 rest = hn::Sub(hn::Mul(v, steps_), hn::ConvertTo(kF32, whole));
    const F32 fine = hn::Mul(rest, Splat(kRemainderSteps));
    return NearestSmallInt(hn::Min(hn::Max(fine, Splat(-128.0f)), Splat(127.0f)));
  }

  SmoothedRow row_;
  F32 steps_;
  RowQuantizer quantizer_;
};

// q = steps + zero, narrowed (every sum fits T).
template <typename Row, typename T>
void StoreRow(const Row& row, size_t n, int32_t zero, T* q) {
  const hn::FixedTag<int16_t, 2 * kLanes> words;
  const hn::FixedTag<T, 16 / sizeof(T)> whole;
  const auto zero_v = hn::Set(words, static_cast<int16_t>(zero));
  const auto eight = [&](size_t i) {
    return hn::Add(hn::OrderedDemote2To(words, row.At(i), row.At(i + kLanes)), zero_v);
  };
  size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    if constexpr (sizeof(T) == sizeof(int16_t)) {
      hn::StoreU(eight(i), whole, q + i);
      hn::StoreU(eight(i + 2 * kLanes), whole, q + i + 2 * kLanes);
    } else {
      hn::StoreU(hn::OrderedDemote2To(whole, eight(i), eight(i + 2 * kLanes)), whole, q + i);
    }
  }
  for (; i < n; i += kLanes) {
    const size_t c = n - i < kLanes ? n - i : kLanes;
    int32_t lanes[kLanes];
    hn::StoreU(row.At(i, c), kI32, lanes);
    for (size_t j = 0; j < c; ++j) q[i + j] = static_cast<T>(lanes[j] + zero);
  }
}

// A row of steps from `zero_point`.
template <typename Row>
void StoreForm(const Row& row, size_t n, int32_t zero_point, QuantizedForm form, void* q) {
  switch (form) {
    case QuantizedForm::kInt8:
      return StoreRow(row, n, zero_point, static_cast<int8_t*>(q));
    case QuantizedForm::kUint8:
      return StoreRow(row, n, zero_point + 128, static_cast<uint8_t*>(q));
    case QuantizedForm::kInt16WithoutZero:
      return StoreRow(row, n, 0, static_cast<int16_t*>(q));
  }
}

// Steps a unit of the row; sets its parameters.
float PlanRow(const SmoothedRow& row, size_t n, int32_t* zero_point, float* scale) {
  const Range range = RangeWithZero(row, n);
  const float steps = StepsPerUnit(range);
  *zero_point = ZeroPoint(range, steps);
  // What a product makes of a row that overflowed must not look right: it is NaN,
  // which is found at the end.
  const bool is_finite = std::isfinite(range.max - range.min);
  *scale = is_finite ? 1.0f / steps : std::numeric_limits<float>::quiet_NaN();
  return steps;
}

}  // namespace

void LayerNorm(const float* x, const float* gamma, const float* beta, float eps, size_t n,
               float* y) {
  const float count = static_cast<float>(n);
  const float mean =
      SumOf(n, [&](size_t i, size_t c) { return LoadUpTo(x + i, c); }) / count;
  const F32 mean_v = Splat(mean);
  const float variance = SumOf(n, [&](size_t i, size_t c) {
    F32 d = hn::Sub(LoadUpTo(x + i, c), mean_v);
    if (c < kLanes) d = hn::IfThenElse(hn::FirstN(kF32, c), d, hn::Zero(kF32));
    return hn::Mul(d, d);
  }) / count;
  const F32 inverse = Splat(1.0f / std::sqrt(variance + eps));
  for (size_t i = 0; i < n; i += kLanes) {
    const size_t c = n - i < kLanes ? n - i : kLanes;
    const F32 normal = hn::Mul(hn::Sub(LoadUpTo(x + i, c), mean_v), inverse);
    const F32 scaled = hn::Mul(normal, LoadUpTo(gamma + i, c));
    const F32 v = beta == nullptr ? scaled : hn::Add(scaled, LoadUpTo(beta + i, c));
    c == kLanes ? Store(v, y + i) : StorePart(v, y + i, c);
  }
}

void RmsNorm(const float* x, const float* gamma, float eps, size_t n, float* y) {
  const float inverse = 1.0f / std::sqrt(Dot(x, x, n) / static_cast<float>(n) + eps);
  const F32 inverse_v = Splat(inverse);
  ForVectors(
      n,
      [&](size_t i) {
        Store(hn::Mul(hn::Mul(Load(x + i), inverse_v), Load(gamma + i)), y + i);
      },
      [&](size_t i, size_t c) {
        const F32 normal = hn::Mul(LoadPart(x + i, c), inverse_v);
        StorePart(hn::Mul(normal, LoadPart(gamma + i, c)), y + i, c);
      });
}

void RotateHalves(const float* cosines, const float* sines, size_t n, float* x) {
  const size_t half = n / 2;
  for (size_t i = 0; i < half; i += kLanes) {
    const F32 a = Load(x + i), b = Load(x + half + i);
    const F32 c = Load(cosines + i), s = Load(sines + i);
    Store(hn::Sub(hn::Mul(a, c), hn::Mul(b, s)), x + i);
    Store(hn::Add(hn::Mul(b, c), hn::Mul(a, s)), x + half + i);
  }
}

void AddTo(const float* y, size_t n, float* x) {
  ForVectors(
      n, [&](size_t i) { Store(hn::Add(Load(x + i), Load(y + i)), x + i); },
      [&](size_t i, size_t c) {
        StorePart(hn::Add(LoadPart(x + i, c), LoadPart(y + i, c)), x + i, c);
      });
}

void Scale(float factor, size_t n, float* x) {
  const F32 f = Splat(factor);
  ForVectors(
      n, [&](size_t i) { Store(hn::Mul(Load(x + i), f), x + i); },
      [&](size_t i, size_t c) { StorePart(hn::Mul(LoadPart(x + i, c), f), x + i, c); });
}

void Dequantize(const int8_t* q, float scale, size_t n, bool accumulate, float* y) {
  const hn::FixedTag<int8_t, 2 * kLanes> bytes;
  const hn::FixedTag<int16_t, 2 * kLanes> words;
  const F32 s = Splat(scale);
  const auto store = [&](I32 v, float* out) {
    const F32 x = hn::Mul(hn::ConvertTo(kF32, v), s);
    Store(accumulate ? hn::Add(Load(out), x) : x, out);
  };
  size_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const auto wide = hn::PromoteTo(words, hn::LoadU(bytes, q + i));
    store(hn::PromoteLowerTo(kI32, wide), y + i);
    store(hn::PromoteUpperTo(kI32, wide), y + i + kLanes);
  }
  for (; i < n; ++i) {
    const float x = static_cast<float>(q[i]) * scale;
    y[i] = accumulate ? y[i] + x : x;
  }
}

void QuantizeRow(const float* x, const float* smoothing, size_t n, QuantizedForm form, void* q,
                 int32_t* zero_point, float* scale) {
  const SmoothedRow row(x, smoothing);
  const float steps = PlanRow(row, n, zero_point, scale);
  StoreForm(RowQuantizer(row, steps, *zero_point), n, *zero_point, form, q);
}

void QuantizeRowInTwo(const float* x, const float* smoothing, size_t n, QuantizedForm form,
                      void* q, int32_t* zero_point, float* scale, void* remainder,
                      float* remainder_scale) {
  const SmoothedRow row(x, smoothing);
  const float steps = PlanRow(row, n, zero_point, scale);
  StoreForm(RowQuantizer(row, steps, *zero_point), n, *zero_point, form, q);
  StoreForm(RemainderQuantizer(row, steps, *zero_point), n, 0, form, remainder);
  *remainder_scale = *scale * (1.0f / kRemainderSteps);
}

float Dot(const float* a, const float* b, size_t n) {
  return SumOf(n, [&](size_t i, size_t c) {
    return hn::Mul(LoadUpTo(a + i, c), LoadUpTo(b + i, c));
  });
}

bool AllFinite(const float* x, size_t n) {
  // x * 0 is 0 exactly if x is finite, NaN otherwise.
  const float zero =
      SumOf(n, [&](size_t i, size_t c) { return hn::Mul(LoadUpTo(x + i, c), hn::Zero(kF32)); });
  return zero == 0.0f;
}

}  // namespace simile
