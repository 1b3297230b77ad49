// SPDX-License-Identifier: Apache-2.0
#include "encoder/scalar_math.h"

#include <cmath>

namespace simile {
namespace {

// ln 2 and pi / 2 in two parts; the first has trailing zeros, so that a product with
// a small whole number is exact (Cody and Waite).
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kHalfPiHigh = 1.57079632673412561417e+00;
constexpr double kHalfPiLow = 6.07710050650619224932e-11;

}  // namespace

double NaturalLog(double x) {
  int exponent;
  double m = std::frexp(x, &exponent);  // exact, in [0.5, 1)
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  // ln m = 2 atanh(s) = 2 (s + s^3 / 3 + s^5 / 5 + …), |s| <= 0.172.
  const double s = (m - 1) / (m + 1), s2 = s * s;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * s2 + 1.0 / k;
  return exponent * kLn2High + (exponent * kLn2Low + 2 * s * sum);
}

double Exponential(double x) {
  const double n = std::floor(x / 0.69314718055994531 + 0.5);
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1;
  for (int k = 16; k >= 1; --k) sum = 1 + sum * r / k;
  return std::ldexp(sum, static_cast<int>(n));
}

SineCosine SineAndCosine(double angle) {
  const double n = std::floor(angle / 1.5707963267948966 + 0.5);
  const double r = (angle - n * kHalfPiHigh) - n * kHalfPiLow;  // |r| <= pi / 4
  const double r2 = r * r;
  double sine = 1, cosine = 1;  // Taylor's series, from the smallest term on
  for (int k = 17; k >= 3; k -= 2) sine = 1 - sine * r2 / (k * (k - 1));
  for (int k = 18; k >= 2; k -= 2) cosine = 1 - cosine * r2 / (k * (k - 1));
  sine *= r;
  switch (static_cast<long>(n) & 3) {
    case 0: return {sine, cosine};
    case 1: return {cosine, -sine};
    case 2: return {-sine, -cosine};
    default: return {-cosine, sine};
  }
}

}  // namespace simile
