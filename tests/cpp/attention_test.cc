// SPDX-License-Identifier: Apache-2.0
#include "simd/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "random.h"
#include "simd/integer_attention.h"

namespace simile {
namespace {

// softmax(q k^T / sqrt(d)) v in f64, straight from the formula.
std::vector<double> Reference(const float* q, const float* k, const float* v, size_t stride,
                              size_t T, size_t d) {
  std::vector<double> out(T * d, 0.0);
  for (size_t i = 0; i < T; ++i) {
    std::vector<double> weights(T);
    double max = -1e300, sum = 0;
    for (size_t j = 0; j < T; ++j) {
      double dot = 0;
      for (size_t x = 0; x < d; ++x) {
        dot += static_cast<double>(q[i * stride + x]) * k[j * stride + x];
      }
      weights[j] = dot / std::sqrt(static_cast<double>(d));
      max = std::max(max, weights[j]);
    }
    for (double& w : weights) sum += w = std::exp(w - max);
    for (size_t j = 0; j < T; ++j) {
      for (size_t x = 0; x < d; ++x) out[i * d + x] += weights[j] / sum * v[j * stride + x];
    }
  }
  return out;
}

void CheckAgainstReference(size_t T, size_t d, float scale) {
  Random random(T * 100 + d);
  const size_t H = d + 3;  // a stride that is no multiple of anything
  const std::vector<float> qkv = random.Floats(T * 3 * H + 8, scale);
  std::vector<float> scratch(AttentionScratch(T, d));
  std::vector<float> out(T * (d + 5), 7.0f);
  AttendHead(qkv.data(), qkv.data() + H, qkv.data() + 2 * H, 3 * H, T, d, scratch.data(),
             out.data(), d + 5);
  const std::vector<double> expected =
      Reference(qkv.data(), qkv.data() + H, qkv.data() + 2 * H, 3 * H, T, d);
  // A score is off by d roundings of values up to scale^2, which exp turns into
  // that relative error; the sum over T adds T roundings.
  const double tolerance = scale * 1.2e-7 * (d * scale * scale + T + 8);
  for (size_t t = 0; t < T; ++t) {
    for (size_t x = 0; x < d; ++x) {
      EXPECT_NEAR(out[t * (d + 5) + x], expected[t * d + x], tolerance)
          << "T " << T << " t " << t << " x " << x;
    }
    for (size_t x = d; x < d + 5; ++x) EXPECT_EQ(out[t * (d + 5) + x], 7.0f);
  }
}

TEST(Attention, MatchesTheFormulaForEveryNumberOfTokensAcrossTwoTiles) {
  for (size_t T = 1; T <= 17; ++T) CheckAgainstReference(T, 32, 1.0f);
}

TEST(Attention, MatchesTheFormulaForOtherHeadSizesAndLongTexts) {
  for (size_t d : {8, 16, 64}) CheckAgainstReference(9, d, 1.0f);
  CheckAgainstReference(257, 32, 1.0f);
}

TEST(Attention, StaysFiniteWhereScoresAreFarApart) {
  CheckAgainstReference(13, 32, 30.0f);
}

TEST(Attention, IgnoresPaddingWhereAllScoresAreNegative) {
  const size_t T = 5, d = 8;  // three columns of padding, whose scores are 0
  std::vector<float> q(T * d, 10.0f), k(T * d, -10.0f), v(T * d);
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i % d);
  std::vector<float> scratch(AttentionScratch(T, d)), out(T * d);
  AttendHead(q.data(), k.data(), v.data(), d, T, d, scratch.data(), out.data(), d);
  for (size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], v[i % d], 1e-5f);
}

TEST(Attention, GivesATokenTheSameBitsWhateverTheTextAfterTheScratchHeld) {
  Random random(3);
  const size_t T = 11, d = 32;
  const std::vector<float> qkv = random.Floats(T * 3 * d);
  std::vector<float> a(T * d), b(T * d);
  std::vector<float> zeros(AttentionScratch(T, d), 0.0f), junk(AttentionScratch(T, d), 1e30f);
  AttendHead(qkv.data(), qkv.data() + d, qkv.data() + 2 * d, 3 * d, T, d, zeros.data(), a.data(), d);
  AttendHead(qkv.data(), qkv.data() + d, qkv.data() + 2 * d, 3 * d, T, d, junk.data(), b.data(), d);
  EXPECT_EQ(a, b);
}

// How the integer form compares with the formula: the cosine over all outputs.
double IntegerCosine(size_t T, size_t d, float scale) {
  Random random(T * 100 + d);
  const size_t H = d + 3;
  const std::vector<float> qkv = random.Floats(T * 3 * H + 8, scale);
  std::vector<double> scratch(IntegerAttentionScratch(T, d) / sizeof(double) + 2);
  std::vector<float> out(T * (d + 5), 7.0f);
  AttendHeadInInteger(qkv.data(), qkv.data() + H, qkv.data() + 2 * H, 3 * H, T, d,
                      scratch.data(), out.data(), d + 5);
  const std::vector<double> expected =
      Reference(qkv.data(), qkv.data() + H, qkv.data() + 2 * H, 3 * H, T, d);
  double dot = 0, aa = 0, bb = 0;
  for (size_t t = 0; t < T; ++t) {
    for (size_t x = 0; x < d; ++x) {
      const double a = out[t * (d + 5) + x], b = expected[t * d + x];
      dot += a * b, aa += a * a, bb += b * b;
    }
    for (size_t x = d; x < d + 5; ++x) EXPECT_EQ(out[t * (d + 5) + x], 7.0f);
  }
  return dot / std::sqrt(aa * bb);
}

TEST(IntegerAttention, MatchesTheFormulaForEveryNumberOfTokensAcrossTwoTiles) {
  for (size_t T = 1; T <= 34; ++T) EXPECT_GT(IntegerCosine(T, 32, 1.0f), 0.99999) << T;
}

TEST(IntegerAttention, MatchesTheFormulaForOtherHeadSizesAndLongTexts) {
  for (size_t d : {8, 16, 64, 128, 256}) EXPECT_GT(IntegerCosine(9, d, 1.0f), 0.99999) << d;
  EXPECT_GT(IntegerCosine(257, 32, 1.0f), 0.99999);
  EXPECT_GT(IntegerCosine(512, 64, 2.0f), 0.99999);
}

TEST(IntegerAttention, SumsFitWhereEveryOperandIsAtItsEnd) {
  for (float sign : {1.0f, -1.0f}) {
    const size_t T = 515, d = 256;
    const std::vector<float> q(T * d, 3.0f), k(T * d, 3.0f), v(T * d, 5.0f * sign);
    std::vector<double> scratch(IntegerAttentionScratch(T, d) / sizeof(double) + 2);
    std::vector<float> out(T * d);
    AttendHeadInInteger(q.data(), k.data(), v.data(), d, T, d, scratch.data(), out.data(), d);
    for (float value : out) ASSERT_NEAR(value, 5.0f * sign, 1e-5f);
  }
}

TEST(IntegerAttention, TakesRowsOfZeros) {
  const size_t T = 3, d = 8;
  const std::vector<float> zeros(T * d, 0.0f);
  std::vector<float> v(T * d, 0.0f), out(T * d, 9.0f);
  v[0] = 3.0f;
  std::vector<double> scratch(IntegerAttentionScratch(T, d) / sizeof(double) + 2);
  AttendHeadInInteger(zeros.data(), zeros.data(), v.data(), d, T, d, scratch.data(), out.data(), d);
  EXPECT_NEAR(out[0], 1.0f, 1e-6f);
  for (size_t x = 1; x < d; ++x) EXPECT_EQ(out[x], 0.0f);
}

TEST(IntegerAttention, DoesNotSeeWhatTheScratchHeld) {
  Random random(3);
  const size_t T = 11, d = 32;
  const std::vector<float> qkv = random.Floats(T * 3 * d);
  const size_t room = IntegerAttentionScratch(T, d) / sizeof(double) + 2;
  std::vector<double> zeros(room, 0.0), junk(room, -1e300);
  std::vector<float> a(T * d), b(T * d);
  AttendHeadInInteger(qkv.data(), qkv.data() + d, qkv.data() + 2 * d, 3 * d, T, d, zeros.data(),
                      a.data(), d);
  AttendHeadInInteger(qkv.data(), qkv.data() + d, qkv.data() + 2 * d, 3 * d, T, d, junk.data(),
                      b.data(), d);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace simile
