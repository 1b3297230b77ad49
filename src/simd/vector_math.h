// SPDX-License-Identifier: Apache-2.0
// exp, erf and the logistic function on vectors, in plain IEEE multiplications, additions and divisions,
// so that their bits are the same everywhere (libm's are not).

#ifndef SIMILE_SIMD_VECTOR_MATH_H_
#define SIMILE_SIMD_VECTOR_MATH_H_

#include "simd/simd.h"

namespace simile {

// a * b + c, rounded twice.
inline F32 MulThenAdd(F32 a, F32 b, F32 c) { return hn::Add(hn::Mul(a, b), c); }

// exp(x) for x <= 0, within 2 units in the last place; 0 below -87.3.
// x = n ln2 + r with |r| <= ln2 / 2 (ln2 in two parts, after Cody and Waite), exp(r)
// by its Taylor polynomial of degree 6 (remainder below 2^-25 in that range).
inline F32 ExpNonPositive(F32 x) {
  const F32 kLog2e = Splat(1.44269504088896341f);
  const F32 kLn2High = Splat(0.693359375f);  // 9 bits: n * kLn2High is exact
  const F32 kLn2Low = Splat(-2.12194440054690583e-4f);
  const auto underflows = hn::Lt(x, Splat(-87.3f));
  x = hn::Max(x, Splat(-87.3f));
  const I32 n = hn::NearestInt(hn::Mul(x, kLog2e));
  const F32 n_f32 = hn::ConvertTo(kF32, n);
  F32 r = hn::Sub(x, hn::Mul(n_f32, kLn2High));
  r = hn::Sub(r, hn::Mul(n_f32, kLn2Low));
  F32 p = Splat(1.0f / 720);
  p = MulThenAdd(p, r, Splat(1.0f / 120));
  p = MulThenAdd(p, r, Splat(1.0f / 24));
  p = MulThenAdd(p, r, Splat(1.0f / 6));
  p = MulThenAdd(p, r, Splat(0.5f));
  p = MulThenAdd(p, r, Splat(1.0f));
  p = MulThenAdd(p, r, Splat(1.0f));
  // 2^n by its exponent field; n >= -126 here.
  const I32 bits = hn::ShiftLeft<23>(hn::Add(n, hn::Set(kI32, 127)));
  const F32 scaled = hn::Mul(p, hn::BitCast(kF32, bits));
  return hn::IfThenElse(underflows, hn::Zero(kF32), scaled);
}

// 2^x in units of 1 / 32767 for x <= 0, rounded to whole ones (0 below -16), within
// 0.51: x = n + f with |f| <= 1/2, and 2^f by a polynomial of degree 5 (a minimax
// fit with 2^0 = 1; relative error 1e-7). One object serves a whole loop.
class Exp2To15Bits {
 public:
  Exp2To15Bits() {
    static constexpr float kUnits = 32767.0f;
    static constexpr float kTable[kCount] = {
        kUnits * 0.0013264727f, kUnits * 0.009671513f, kUnits * 0.055507336f,
        kUnits * 0.24022242f, kUnits * 0.693147f, kUnits, -24.0f, kRoundingShift};
    const float* table = Opaque(kTable);
    for (size_t i = 0; i < kCount; ++i) c_[i] = Splat(table[i]);
  }

  I32 operator()(F32 x) const {
    x = hn::Max(x, c_[kLeast]);
    // Its low bits are n's.
    const F32 shifted = hn::Add(x, c_[kShift]);
    const F32 f = hn::Sub(x, hn::Sub(shifted, c_[kShift]));
    F32 p = c_[0];
    for (size_t i = 1; i < kLeast; ++i) p = MulThenAdd(p, f, c_[i]);
    const I32 n = hn::ShiftLeft<23>(hn::BitCast(kI32, shifted));
    const F32 power = hn::BitCast(kF32, hn::Add(hn::BitCast(kI32, p), n));
    return NearestSmallInt(power, c_[kShift]);
  }

 private:
  enum : size_t { kLeast = 6, kShift, kCount };
  F32 c_[kCount];
};

// 0.5 x (1 + erf(x / sqrt 2)); erf within 5e-7: y P(y^2) / Q(y^2) for |y| <= 4, where
// erf is 1 to the last bit. Coefficients: Eigen's generic_fast_erf_float
// (MathFunctionsImpl.h), a minimax fit. One object serves a whole loop.
class Gelu {
 public:
  Gelu() {
    static constexpr float kTable[kCount] = {
        // P, highest power first
        -2.72614225801306e-10f, 2.77068142495902e-08f, -2.10102402082508e-06f,
        -5.69250639462346e-05f, -7.34990630326855e-04f, -2.95459980854025e-03f,
        -1.60960333262415e-02f,
        // Q
        -1.45660718464996e-05f, -2.13374055278905e-04f, -1.68282697438203e-03f,
        -7.37332916720468e-03f, -1.42647390514189e-02f,
        0.707106781186547524f, 4.0f, -4.0f, 0.5f, 1.0f};
    const float* table = Opaque(kTable);
    for (size_t i = 0; i < kCount; ++i) c_[i] = Splat(table[i]);
  }

  F32 operator()(F32 x) const {
    const F32 y = hn::Min(hn::Max(hn::Mul(x, c_[kSqrtHalf]), c_[kMin]), c_[kMax]);
    const F32 y2 = hn::Mul(y, y);
    const F32 erf = hn::Div(hn::Mul(y, Polynomial(y2, 0, kQ)), Polynomial(y2, kQ, kSqrtHalf));
    return hn::Mul(hn::Mul(c_[kHalf], x), hn::Add(c_[kOne], erf));
  }

 private:
  enum : size_t { kQ = 7, kSqrtHalf = 12, kMax, kMin, kHalf, kOne, kCount };

  F32 Polynomial(F32 x, size_t first, size_t end) const {
    F32 sum = c_[first];
    for (size_t i = first + 1; i < end; ++i) sum = MulThenAdd(sum, x, c_[i]);
    return sum;
  }

  F32 c_[kCount];
};

// 1 / (1 + exp(-x)), within 6e-7 of its value for |x| <= 16 and within 1e-7 absolutely:
// e = exp(-|x|) = 2^(n + f) with the polynomial of Exp2To15Bits for 2^f, then
// 1 / (1 + e) or e / (1 + e). One object serves a whole loop.
class Logistic {
 public:
  Logistic() {
    static constexpr float kTable[kCount] = {
        0.0013264727f, 0.009671513f, 0.055507336f, 0.24022242f, 0.693147f, 1.0f,
        -1.44269504088896341f, -125.0f, kRoundingShift};
    const float* table = Opaque(kTable);
    for (size_t i = 0; i < kCount; ++i) c_[i] = Splat(table[i]);
  }

  F32 operator()(F32 x) const {
    const F32 y = hn::Max(hn::Mul(hn::Abs(x), c_[kMinusLog2e]), c_[kLeast]);
    const F32 shifted = hn::Add(y, c_[kShift]);
    const F32 f = hn::Sub(y, hn::Sub(shifted, c_[kShift]));
    F32 p = c_[0];
    for (size_t i = 1; i <= kOne; ++i) p = MulThenAdd(p, f, c_[i]);
    const I32 n = hn::ShiftLeft<23>(hn::BitCast(kI32, shifted));
    const F32 e = hn::BitCast(kF32, hn::Add(hn::BitCast(kI32, p), n));
    const F32 numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(kF32)), e, c_[kOne]);
    return hn::Div(numerator, hn::Add(c_[kOne], e));
  }

 private:
  enum : size_t { kOne = 5, kMinusLog2e, kLeast, kShift, kCount };
  F32 c_[kCount];
};

// x logistic(x), also called swish.
class Silu {
 public:
  F32 operator()(F32 x) const { return hn::Mul(x, logistic_(x)); }

 private:
  Logistic logistic_;
};

// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), by tanh(u) = 2 logistic(2u) - 1.
class GeluTanh {
 public:
  F32 operator()(F32 x) const {
    const F32 cubic = MulThenAdd(hn::Mul(x, x), Splat(0.0713548162726f), Splat(1.59576912161f));
    return hn::Mul(x, logistic_(hn::Mul(x, cubic)));
  }

 private:
  Logistic logistic_;
};

// A NaN stays one, so that it is found at the end.
class Relu {
 public:
  F32 operator()(F32 x) const {
    return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(kF32)), x);
  }
};

}  // namespace simile

#endif  // SIMILE_SIMD_VECTOR_MATH_H_
