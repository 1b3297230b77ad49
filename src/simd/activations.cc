// SPDX-License-Identifier: Apache-2.0
#include "simd/activations.h"

#include "simd/simd.h"
#include "simd/vector_math.h"

namespace simile {
namespace {

template <typename F>
void Apply(const F& f, size_t n, float* x) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(f(Load(x + i)), x + i);
  if (i < n) StorePart(f(LoadPart(x + i, n - i)), x + i, n - i);
}

template <typename F>
void Gate(const F& f, const float* up, size_t n, float* x) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(hn::Mul(f(Load(x + i)), Load(up + i)), x + i);
  if (i == n) return;
  StorePart(hn::Mul(f(LoadPart(x + i, n - i)), LoadPart(up + i, n - i)), x + i, n - i);
}

F32 KeepNaN(F32 x, F32 y) { return hn::IfThenElse(hn::Eq(x, x), y, x); }

}  // namespace

void GeluInPlace(size_t n, float* x) { Apply(Gelu(), n, x); }
void GeluTanhInPlace(size_t n, float* x) { Apply(GeluTanh(), n, x); }
void ReluInPlace(size_t n, float* x) { Apply(Relu(), n, x); }
void SiluInPlace(size_t n, float* x) { Apply(Silu(), n, x); }

void SigmoidInPlace(size_t n, float* x) {
  const Logistic logistic;
  Apply([&](F32 v) { return KeepNaN(v, logistic(v)); }, n, x);
}

void TanhInPlace(size_t n, float* x) {
  const Logistic logistic;
  Apply([&](F32 v) {
    const F32 twice = hn::Add(v, v);
    // logistic(2v) - logistic(-2v) is odd to the last bit.
    return KeepNaN(v, hn::Sub(logistic(twice), logistic(hn::Neg(twice))));
  }, n, x);
}

void GeluGate(const float* up, size_t n, float* x) { Gate(Gelu(), up, n, x); }
void GeluTanhGate(const float* up, size_t n, float* x) { Gate(GeluTanh(), up, n, x); }
void ReluGate(const float* up, size_t n, float* x) { Gate(Relu(), up, n, x); }
void SiluGate(const float* up, size_t n, float* x) { Gate(Silu(), up, n, x); }

}  // namespace simile
