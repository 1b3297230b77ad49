// SPDX-License-Identifier: Apache-2.0
// Rotary and relative positions, and the scalar functions their tables are made with.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "encoder/relative_positions.h"
#include "encoder/rotary.h"
#include "encoder/scalar_math.h"

namespace simile {
namespace {

TEST(ScalarMath, LogarithmAndExponentialAreThoseOfLibmToFifteenDigits) {
  for (double x = 1e-3; x < 1e7; x *= 1.0137) {
    EXPECT_NEAR(NaturalLog(x), std::log(x), 2e-16 * (1 + std::fabs(std::log(x)))) << x;
  }
  EXPECT_EQ(NaturalLog(1), 0);
  for (double x = -40; x < 40; x += 0.0371) {
    EXPECT_NEAR(Exponential(x) / std::exp(x), 1, 1e-15 * (1 + std::fabs(x))) << x;
  }
}

TEST(ScalarMath, SineAndCosineAreThoseOfLibmForEveryQuadrantAndForLargeAngles) {
  for (float angle = 0; angle < 32768; angle += 0.1f + angle * 1e-3f) {
    const SineCosine turn = SineAndCosine(angle);
    EXPECT_NEAR(turn.sine, std::sin(static_cast<double>(angle)), 4e-16) << angle;
    EXPECT_NEAR(turn.cosine, std::cos(static_cast<double>(angle)), 4e-16) << angle;
  }
}

TEST(RotaryTable, HoldsTheReferencesAnglesHoweverItGrew) {
  for (const double base : {1000.0, 10000.0, 160000.0, 1e6}) {
    for (const size_t d : {8, 24, 64, 128}) {
      RotaryTable at_once, by_steps;
      at_once.Init(base, d);
      by_steps.Init(base, d);
      ASSERT_TRUE(at_once.Grow(300).ok());
      for (size_t count : {1, 2, 77, 50, 300}) ASSERT_TRUE(by_steps.Grow(count).ok());
      for (const size_t t : {0, 1, 2, 76, 77, 299}) {
        for (size_t i = 0; i < d / 2; ++i) {
          const double frequency = std::pow(base, -2.0 * static_cast<double>(i) / d);
          const double angle = static_cast<double>(t) * frequency;
          // Frequency and angle are rounded to f32, as the reference does.
          const double tolerance = 1.3e-7 * angle + 6e-8;
          EXPECT_NEAR(at_once.cosines(t)[i], std::cos(angle), tolerance);
          EXPECT_NEAR(at_once.sines(t)[i], std::sin(angle), tolerance);
          EXPECT_EQ(at_once.cosines(t)[i], by_steps.cosines(t)[i]);
          EXPECT_EQ(at_once.sines(t)[i], by_steps.sines(t)[i]);
        }
      }
    }
  }
}

// Where the buckets of keys before a query begin: T5Attention and MPNetEncoder of
// transformers 5.23.0, _relative_position_bucket(bidirectional), which agree.
struct Buckets {
  uint32_t count, max_distance;
  std::vector<int64_t> starts;  // of buckets 1, 2, …
};
const Buckets kBuckets[] = {
    {32, 128, {1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91}},
    {8, 16, {1, 2, 6}},
    {12, 20, {1, 2, 3, 6, 11}},
    {64, 512, {1,  2,  3,  4,  5,  6,  7,  8,   9,   10,  11,  12,  13,  14,  15, 16,
               20, 25, 31, 39, 48, 59, 73, 91, 113, 140, 174, 216, 268, 332, 413}},
    {32, 100, {1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 21, 29, 39, 54, 73}},
};

TEST(RelativePositions, BucketsAreTheReferences) {
  for (const Buckets& buckets : kBuckets) {
    uint32_t expected = 0;
    for (int64_t distance = 0; distance < 3 * buckets.max_distance; ++distance) {
      if (expected < buckets.starts.size() && distance == buckets.starts[expected]) ++expected;
      EXPECT_EQ(RelativeBucket(-distance, buckets.count, buckets.max_distance), expected);
      if (distance == 0) continue;
      EXPECT_EQ(RelativeBucket(distance, buckets.count, buckets.max_distance),
                expected + buckets.count / 2);
    }
    EXPECT_EQ(expected, buckets.count / 2 - 1);
  }
}

TEST(RelativePositions, BiasIsTheHeadsNumberOfTheBucketAndGrowsWithoutChange) {
  const uint32_t buckets = 8, max_distance = 16;
  const size_t heads = 3;
  std::vector<float> table(buckets * heads);
  for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>(i) + 1;
  RelativePositions positions;
  for (const size_t T : {1, 5, 40}) {
    ASSERT_TRUE(positions.Grow(T, table.data(), buckets, max_distance, heads, 2.0f).ok());
    for (int64_t distance = 1 - static_cast<int64_t>(T); distance < static_cast<int64_t>(T);
         ++distance) {
      for (size_t head = 0; head < heads; ++head) {
        const uint32_t bucket = RelativeBucket(distance, buckets, max_distance);
        EXPECT_EQ(positions.bias(head)[distance], 2 * table[bucket * heads + head]);
      }
    }
  }
}

}  // namespace
}  // namespace simile
