// SPDX-License-Identifier: Apache-2.0
// Activation functions on rows of f32 in place, any length >= 1, any alignment; and
// the gated forms of Shazeer 2020 ("GLU Variants"): x = f(x) * up. A NaN gives a NaN.
// The same bits everywhere (vector_math.h).

#ifndef SIMILE_SIMD_ACTIVATIONS_H_
#define SIMILE_SIMD_ACTIVATIONS_H_

#include <cstddef>

namespace simile {

void GeluInPlace(size_t n, float* x);      // the erf form
void GeluTanhInPlace(size_t n, float* x);  // the tanh form
void ReluInPlace(size_t n, float* x);
void SiluInPlace(size_t n, float* x);
void SigmoidInPlace(size_t n, float* x);
void TanhInPlace(size_t n, float* x);

void GeluGate(const float* up, size_t n, float* x);
void GeluTanhGate(const float* up, size_t n, float* x);
void ReluGate(const float* up, size_t n, float* x);
void SiluGate(const float* up, size_t n, float* x);

}  // namespace simile

#endif  // SIMILE_SIMD_ACTIVATIONS_H_
