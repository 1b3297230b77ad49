// SPDX-License-Identifier: Apache-2.0
// Plain rounding to int8: scales, halves, ends of the range, rows of zeros.
#include "convert/quantize.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace simile {
namespace {

TEST(QuantizeTest, ScaleMapsTheLargestValueTo127) {
  const float row[] = {0.5f, -2.54f, 1.0f};
  const float scale = RowScale(row, 3);
  EXPECT_EQ(scale, 2.54f / 127.0f);
  EXPECT_EQ(QuantizeValue(-2.54f, scale), -127);
  EXPECT_EQ(QuantizeValue(2.54f, scale), 127);
}

TEST(QuantizeTest, HalvesGoToTheEvenLevel) {
  EXPECT_EQ(QuantizeValue(0.5f, 1.0f), 0);
  EXPECT_EQ(QuantizeValue(1.5f, 1.0f), 2);
  EXPECT_EQ(QuantizeValue(2.5f, 1.0f), 2);
  EXPECT_EQ(QuantizeValue(-0.5f, 1.0f), 0);
  EXPECT_EQ(QuantizeValue(-1.5f, 1.0f), -2);
  EXPECT_EQ(QuantizeValue(-2.5f, 1.0f), -2);
  EXPECT_EQ(QuantizeValue(126.5f, 1.0f), 126);
}

TEST(QuantizeTest, ValuesBeyondTheRangeStopAt127) {
  EXPECT_EQ(QuantizeValue(1000.0f, 1.0f), 127);
  EXPECT_EQ(QuantizeValue(-1e30f, 1.0f), -127);
  EXPECT_EQ(QuantizeValue(std::numeric_limits<float>::quiet_NaN(), 1.0f), 127);
}

TEST(QuantizeTest, RowsOfZerosAndOfVanishingValuesGetScaleOne) {
  const float zeros[] = {0.0f, -0.0f, 0.0f};
  EXPECT_EQ(RowScale(zeros, 3), 1.0f);
  const float vanishing[] = {std::numeric_limits<float>::min(), 0.0f};
  EXPECT_EQ(RowScale(vanishing, 2), 1.0f);
}

TEST(QuantizeTest, TheLargestFiniteValuesDoNotOverflow) {
  constexpr float kMax = std::numeric_limits<float>::max();
  const float row[] = {kMax, -kMax, kMax / 4};
  int8_t q[3];
  float scale;
  QuantizeRows(row, 1, 3, q, &scale);
  EXPECT_TRUE(std::isfinite(scale));
  EXPECT_EQ(q[0], 127);
  EXPECT_EQ(q[1], -127);
  EXPECT_EQ(q[2], 32);  // 31.75
}

TEST(QuantizeTest, EveryValueComesBackWithinHalfALevel) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const size_t K : {1u, 2u, 3u, 17u, 384u}) {
    constexpr size_t N = 3;
    std::vector<float> w(N * K);
    for (float& value : w) value = normal(random);
    std::vector<int8_t> q(N * K);
    std::vector<float> scale(N);
    QuantizeRows(w.data(), N, K, q.data(), scale.data());
    for (size_t i = 0; i < w.size(); ++i) {
      EXPECT_LE(std::fabs(w[i] - q[i] * scale[i / K]), scale[i / K] * 0.50001f);
      EXPECT_NE(q[i], -128);
    }
  }
}

}  // namespace
}  // namespace simile
