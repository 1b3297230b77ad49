// SPDX-License-Identifier: Apache-2.0
// Logarithm, exponential, sine and cosine in f64 from additions, multiplications and
// divisions alone, so that tables made with them have the same bits everywhere
// (libm's functions differ from one another). Within 1e-15 or so of the true value.

#ifndef SIMILE_ENCODER_SCALAR_MATH_H_
#define SIMILE_ENCODER_SCALAR_MATH_H_

namespace simile {

double NaturalLog(double x);    // x > 0, normal
double Exponential(double x);  // |x| <= 700

struct SineCosine {
  double sine, cosine;
};
SineCosine SineAndCosine(double angle);  // 0 <= angle <= 2^17, of f32's precision

}  // namespace simile

#endif  // SIMILE_ENCODER_SCALAR_MATH_H_
