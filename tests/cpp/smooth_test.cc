// SPDX-License-Identifier: Apache-2.0
// Smoothing: the factors' formula, their guards, and that it changes no product.
#include "convert/smooth.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace simile {
namespace {

TEST(SmoothTest, FactorsAreTheSquareRootOfInputOverWeight) {
  const float input[] = {4.0f, 1.0f, 9.0f};
  const float weight[] = {1.0f, 4.0f, 9.0f};
  float s[3], inverse[3];
  SmoothingFactors(input, weight, 3, Alpha::kHalf, s, inverse);
  EXPECT_EQ(s[0], 2.0f);
  EXPECT_EQ(s[1], 0.5f);
  EXPECT_EQ(s[2], 1.0f);
  EXPECT_EQ(inverse[0], 0.5f);
  EXPECT_EQ(inverse[1], 2.0f);
}

TEST(SmoothTest, AHigherAlphaMovesMoreToTheWeights) {
  const float input[] = {256.0f, 1.0f, 3.0f};
  const float weight[] = {1.0f, 256.0f, 0.5f};
  float s[3], inverse[3];
  SmoothingFactors(input, weight, 3, Alpha::kFiveEighths, s, inverse);
  EXPECT_EQ(s[0], 32.0f);     // 256^0.625
  EXPECT_EQ(s[1], 0.125f);    // 256^-0.375
  EXPECT_NEAR(s[2], std::pow(3.0, 0.625) / std::pow(0.5, 0.375), 1e-5);
}

TEST(SmoothTest, ChannelsWithoutInputOrWeightStayAsTheyAre) {
  const float input[] = {0.0f, 3.0f, 0.0f};
  const float weight[] = {2.0f, 0.0f, 0.0f};
  float s[3], inverse[3];
  SmoothingFactors(input, weight, 3, Alpha::kHalf, s, inverse);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(s[k], 1.0f);
    EXPECT_EQ(inverse[k], 1.0f);
  }
}

TEST(SmoothTest, ExtremeChannelsAreBounded) {
  constexpr float kHuge = std::numeric_limits<float>::max();
  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  const float input[] = {kHuge, kTiny, kHuge};
  const float weight[] = {kTiny, kHuge, kHuge};
  float s[3], inverse[3];
  SmoothingFactors(input, weight, 3, Alpha::kHalf, s, inverse);
  EXPECT_EQ(s[0], kMaxSmoothing);
  EXPECT_EQ(inverse[0], 1 / kMaxSmoothing);
  EXPECT_EQ(s[1], 1 / kMaxSmoothing);
  EXPECT_EQ(s[2], 1.0f);
}

TEST(SmoothTest, ColumnMaximaAreRaisedNeverLowered) {
  const float w[] = {1.0f, -5.0f, 0.0f,  //
                     -2.0f, 3.0f, 0.5f};
  float max_abs[] = {0.0f, 7.0f, 0.0f};
  RaiseColumnMax(w, 2, 3, max_abs);
  EXPECT_EQ(max_abs[0], 2.0f);
  EXPECT_EQ(max_abs[1], 7.0f);
  EXPECT_EQ(max_abs[2], 0.5f);
}

TEST(SmoothTest, ProductOfScaledInputAndScaledWeightsIsUnchanged) {
  constexpr size_t N = 5, K = 33;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> w(N * K), x(K), input_max(K), weight_max(K), s(K), inverse(K);
  for (float& value : w) value = normal(random);
  for (size_t k = 0; k < K; ++k) {
    x[k] = normal(random) * (k % 7 == 0 ? 50.0f : 1.0f);
    input_max[k] = std::fabs(x[k]);
  }
  std::vector<double> expected(N);
  for (size_t n = 0; n < N; ++n) {
    for (size_t k = 0; k < K; ++k) expected[n] += double{w[n * K + k]} * x[k];
  }
  RaiseColumnMax(w.data(), N, K, weight_max.data());
  SmoothingFactors(input_max.data(), weight_max.data(), K, Alpha::kFiveEighths, s.data(), inverse.data());
  ScaleColumns(s.data(), N, K, w.data());
  for (size_t n = 0; n < N; ++n) {
    double sum = 0;
    for (size_t k = 0; k < K; ++k) sum += double{w[n * K + k]} * (x[k] * inverse[k]);
    EXPECT_NEAR(sum, expected[n], 1e-4);  // 33 terms below 200, each three f32 roundings
  }
}

}  // namespace
}  // namespace simile
