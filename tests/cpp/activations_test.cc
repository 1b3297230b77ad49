// SPDX-License-Identifier: Apache-2.0
// Every activation against its formula in f64, over its whole range, at every length
// across the block edges; and its gated form against the plain one.
#include "simd/activations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "random.h"

namespace simile {
namespace {

struct Activation {
  const char* name;
  void (*plain)(size_t n, float* x);
  void (*gate)(const float* up, size_t n, float* x);  // nullptr: there is none
  double (*formula)(double x);
  // |error| <= absolute + relative * |value|.
  double absolute, relative;
};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

const Activation kActivations[] = {
    // erf is off by 5e-7 at most, times |x| / 2 <= 3 where it matters.
    {"gelu", GeluInPlace, GeluGate,
     [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }, 1.5e-6, 1e-6},
    // x times a logistic function that is off by 1e-7 of 1; its argument, of three
    // roundings, by a few units.
    {"gelu_tanh", GeluTanhInPlace, GeluTanhGate,
     [](double x) {
       const double cubic = x + 0.044715 * x * x * x;
       return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * cubic));
     }, 4e-7, 4e-7},
    {"relu", ReluInPlace, ReluGate, [](double x) { return x < 0 ? 0 : x; }, 0, 0},
    {"silu", SiluInPlace, SiluGate, [](double x) { return x * Sigmoid(x); }, 4e-7, 4e-7},
    {"sigmoid", SigmoidInPlace, nullptr, Sigmoid, 1.5e-7, 0},
    {"tanh", TanhInPlace, nullptr, [](double x) { return std::tanh(x); }, 3e-7, 0},
};

class Activations : public testing::TestWithParam<Activation> {};

TEST_P(Activations, IsWithinItsBoundOverTheWholeRange) {
  const Activation& activation = GetParam();
  double worst = 0;
  for (int i = -120000; i <= 120000; ++i) {
    float x = static_cast<float>(i) * 1e-3f;
    const double expected = activation.formula(x);
    activation.plain(1, &x);
    worst = std::max(worst, std::fabs(x - expected) -
                                (activation.absolute + activation.relative * std::fabs(expected)));
  }
  EXPECT_LE(worst, 0);
}

TEST_P(Activations, WorksAtEveryLengthAndMisalignmentAndNoFurther) {
  Random random(4);
  for (size_t n = 1; n <= 33; ++n) {
    for (size_t offset = 0; offset < 4; ++offset) {
      std::vector<float> x = random.Floats(offset + n + 1, 12.0f);
      x[offset + n] = 12345.0f;
      std::vector<float> one_by_one = x;
      GetParam().plain(n, x.data() + offset);
      for (size_t i = 0; i < n; ++i) GetParam().plain(1, &one_by_one[offset + i]);
      EXPECT_EQ(x, one_by_one) << n;
    }
  }
}

TEST_P(Activations, GateMultipliesByTheOtherHalf) {
  if (GetParam().gate == nullptr) return;
  Random random(5);
  for (size_t n = 1; n <= 33; ++n) {
    std::vector<float> x = random.Floats(n + 1, 6.0f), up = random.Floats(n, 2.0f);
    std::vector<float> expected = x;
    GetParam().plain(n, expected.data());
    for (size_t i = 0; i < n; ++i) expected[i] *= up[i];
    GetParam().gate(up.data(), n, x.data());
    EXPECT_EQ(x, expected) << n;
  }
}

TEST_P(Activations, NoNumberStaysNoNumberAndLargeOnesGiveTheLimits) {
  const Activation& activation = GetParam();
  std::vector<float> x(5, NAN);
  activation.plain(5, x.data());
  for (const float value : x) EXPECT_TRUE(std::isnan(value));
  for (const float large : {1e6f, 1e20f}) {
    float ends[2] = {large, -large};
    activation.plain(2, ends);
    EXPECT_NEAR(ends[0] / activation.formula(large), 1, 1e-6);
    EXPECT_NEAR(ends[1], activation.formula(-large), large * 1e-30);
  }
}

INSTANTIATE_TEST_SUITE_P(, Activations, testing::ValuesIn(kActivations),
                         [](const testing::TestParamInfo<Activation>& info) {
                           return std::string(info.param.name);
                         });

void PrintTo(const Activation& activation, std::ostream* out) { *out << activation.name; }

}  // namespace
}  // namespace simile
