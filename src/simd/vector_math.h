// SPDX-License-Identifier: Apache-2.0
// exp and erf on vectors, in plain IEEE multiplications, additions and divisions,
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

// erf(x), absolute error below 5e-7: x P(x^2) / Q(x^2) for |x| <= 4, where
// erf is 1 to the last bit. Coefficients: Eigen's generic_fast_erf_float
// (MathFunctionsImpl.h), a minimax fit.
inline F32 Erf(F32 x) {
  const F32 clamped = hn::Min(hn::Max(x, Splat(-4.0f)), Splat(4.0f));
  const F32 x2 = hn::Mul(clamped, clamped);
  F32 p = Splat(-2.72614225801306e-10f);
  p = MulThenAdd(p, x2, Splat(2.77068142495902e-08f));
  p = MulThenAdd(p, x2, Splat(-2.10102402082508e-06f));
  p = MulThenAdd(p, x2, Splat(-5.69250639462346e-05f));
  p = MulThenAdd(p, x2, Splat(-7.34990630326855e-04f));
  p = MulThenAdd(p, x2, Splat(-2.95459980854025e-03f));
  p = MulThenAdd(p, x2, Splat(-1.60960333262415e-02f));
  F32 q = Splat(-1.45660718464996e-05f);
  q = MulThenAdd(q, x2, Splat(-2.13374055278905e-04f));
  q = MulThenAdd(q, x2, Splat(-1.68282697438203e-03f));
  q = MulThenAdd(q, x2, Splat(-7.37332916720468e-03f));
  q = MulThenAdd(q, x2, Splat(-1.42647390514189e-02f));
  return hn::Div(hn::Mul(clamped, p), q);
}

// 0.5 x (1 + erf(x / sqrt 2)).
inline F32 Gelu(F32 x) {
  const F32 erf = Erf(hn::Mul(x, Splat(0.707106781186547524f)));
  return hn::Mul(hn::Mul(Splat(0.5f), x), hn::Add(Splat(1.0f), erf));
}

}  // namespace simile

#endif  // SIMILE_SIMD_VECTOR_MATH_H_
