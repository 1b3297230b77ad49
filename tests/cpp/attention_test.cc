// SPDX-License-Identifier: Apache-2.0
// Attention in f32 and in integers against the formula in f64: every number of tokens
// across the tiles, all that an AttentionShape can ask for, and the ends of ranges.
#include "simd/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "random.h"
#include "simd/integer_attention.h"

namespace simile {
namespace {

constexpr size_t kGap = 5;  // between rows of the output, must stay as it is

// Queries, keys and values that interleave, as after one product.
struct Rows {
  Rows(const AttentionShape& shape, float scale, uint64_t seed)
      : stride((shape.query_heads + 2) * shape.d + 3) {
    Random random(seed);
    values = random.Floats(shape.T * stride + 8, scale);
  }
  const float* q() const { return values.data(); }
  const float* k(const AttentionShape& s) const { return q() + s.query_heads * s.d; }
  const float* v(const AttentionShape& s) const { return k(s) + s.d; }

  size_t stride;  // no multiple of anything
  std::vector<float> values;
};

bool Sees(const AttentionShape& shape, size_t i, size_t j) {
  return j <= i ? i - j <= shape.reach_back : j - i <= shape.reach_ahead;
}

// softmax(q k^T scale + bias) v of one query, straight from the formula.
std::vector<double> Attend(const AttentionShape& s, const Rows& rows, size_t head, size_t i) {
  std::vector<double> weights(s.T, 0), out(s.d, 0);
  const double scale = s.scale == 0 ? 1 / std::sqrt(static_cast<double>(s.d)) : s.scale;
  double max = -1e300, sum = 0;
  for (size_t j = 0; j < s.T; ++j) {
    if (!Sees(s, i, j)) continue;
    for (size_t x = 0; x < s.d; ++x) {
      weights[j] += static_cast<double>(rows.q()[i * rows.stride + head * s.d + x]) *
                    rows.k(s)[j * rows.stride + x];
    }
    weights[j] *= scale;
    const ptrdiff_t distance = static_cast<ptrdiff_t>(j) - static_cast<ptrdiff_t>(i);
    if (s.bias != nullptr) weights[j] += s.bias[distance];
    max = std::max(max, weights[j]);
  }
  for (size_t j = 0; j < s.T; ++j) {
    weights[j] = Sees(s, i, j) ? std::exp(weights[j] - max) : 0;
    sum += weights[j];
  }
  for (size_t j = 0; j < s.T; ++j) {
    for (size_t x = 0; x < s.d; ++x) out[x] += weights[j] / sum * rows.v(s)[j * rows.stride + x];
  }
  return out;
}

std::vector<double> Reference(const AttentionShape& shape, const Rows& rows) {
  std::vector<double> out;
  for (size_t i = 0; i < shape.T; ++i) {
    for (size_t head = 0; head < shape.query_heads; ++head) {
      const std::vector<double> one = Attend(shape, rows, head, i);
      out.insert(out.end(), one.begin(), one.end());
    }
  }
  return out;
}

// Takes the gaps out of an output, and checks that nothing was written there.
std::vector<float> WithoutGaps(const AttentionShape& shape, const std::vector<float>& out) {
  const size_t width = shape.query_heads * shape.d;
  std::vector<float> dense;
  for (size_t i = 0; i < out.size(); ++i) {
    if (i % (width + kGap) < width) {
      dense.push_back(out[i]);
    } else {
      EXPECT_EQ(out[i], 7.0f);
    }
  }
  return dense;
}

// junk: what the scratch holds before.
std::vector<float> InF32(const AttentionShape& shape, const Rows& rows, float junk = 0) {
  std::vector<float> scratch(AttentionScratch(shape.T, shape.d), junk);
  std::vector<float> out(shape.T * (shape.query_heads * shape.d + kGap), 7.0f);
  AttendHead(shape, rows.q(), rows.k(shape), rows.v(shape), rows.stride, scratch.data(),
             out.data(), shape.query_heads * shape.d + kGap);
  return WithoutGaps(shape, out);
}

std::vector<float> InIntegers(const AttentionShape& f32_shape, const Rows& rows, double junk = 0) {
  AttentionShape shape = f32_shape;
  std::vector<float> bias;
  if (shape.bias != nullptr) {
    bias.assign(shape.bias + 1 - static_cast<ptrdiff_t>(shape.T), shape.bias + shape.T + kKeyTile);
    for (float& b : bias) b *= kIntegerBiasUnit;
    shape.bias = bias.data() + shape.T - 1;
  }
  std::vector<double> scratch(IntegerAttentionScratch(shape.T, shape.d) / sizeof(double) + 2, junk);
  std::vector<float> out(shape.T * (shape.query_heads * shape.d + kGap), 7.0f);
  AttendHeadInInteger(shape, rows.q(), rows.k(shape), rows.v(shape), rows.stride, scratch.data(),
                      out.data(), shape.query_heads * shape.d + kGap);
  return WithoutGaps(shape, out);
}

double Cosine(const std::vector<float>& actual, const std::vector<double>& expected) {
  EXPECT_EQ(actual.size(), expected.size());
  double dot = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    dot += actual[i] * expected[i], aa += actual[i] * actual[i], bb += expected[i] * expected[i];
  }
  return dot / std::sqrt(aa * bb);
}

void CheckF32(const AttentionShape& shape, float scale, const std::string& what = "") {
  const Rows rows(shape, scale, shape.T * 100 + shape.d);
  const std::vector<float> actual = InF32(shape, rows);
  const std::vector<double> expected = Reference(shape, rows);
  ASSERT_EQ(actual.size(), expected.size());
  // A score is off by d roundings of values up to scale^2, which exp turns into
  // that relative error; the sum over T adds T roundings.
  const double d = static_cast<double>(shape.d), T = static_cast<double>(shape.T);
  const double scores = d * scale * scale * (shape.scale == 0 ? 1 : 4);
  const double tolerance = scale * 1.2e-7 * (scores + T + 16);
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], tolerance) << what << " T " << shape.T << " at " << i;
  }
}

void CheckIntegers(const AttentionShape& shape, float scale, const std::string& what = "") {
  const Rows rows(shape, scale, shape.T * 100 + shape.d);
  EXPECT_GT(Cosine(InIntegers(shape, rows), Reference(shape, rows)), 0.99999)
      << what << " T " << shape.T << " d " << shape.d;
}

// Every kind of shape, for T tokens of d dimensions. bias: [2T - 1 + kKeyTile].
std::vector<std::pair<std::string, AttentionShape>> Shapes(size_t T, size_t d, const float* bias) {
  const AttentionShape plain = {.T = T, .d = d};
  AttentionShape causal = plain, local = plain, near = plain, biased = plain, grouped = plain;
  AttentionShape all = plain;
  causal.reach_ahead = 0;
  local.reach_back = local.reach_ahead = 5;
  near.reach_back = 9, near.reach_ahead = 1;
  biased.bias = bias + T - 1;
  biased.scale = 0.4f;
  grouped.query_heads = 3;
  grouped.reach_ahead = 0;
  all.bias = bias + T - 1;
  all.reach_back = 12, all.reach_ahead = 3;
  return {{"plain", plain},   {"causal", causal},   {"local", local}, {"near", near},
          {"biased", biased}, {"grouped", grouped}, {"all", all}};
}

TEST(Attention, MatchesTheFormulaForEveryShapeAndNumberOfTokensAcrossTheTiles) {
  const std::vector<float> bias = Random(5).Floats(200, 3.0f);
  for (size_t T = 1; T <= 34; ++T) {
    for (const auto& [what, shape] : Shapes(T, 16, bias.data())) CheckF32(shape, 1.0f, what);
  }
}

TEST(Attention, MatchesTheFormulaForOtherHeadSizesAndLongTexts) {
  for (size_t d : {8, 32, 64}) CheckF32({.T = 9, .d = d}, 1.0f);
  CheckF32({.T = 257, .d = 32}, 1.0f);
}

TEST(Attention, StaysFiniteWhereScoresAreFarApart) { CheckF32({.T = 13, .d = 32}, 30.0f); }

TEST(Attention, IgnoresPaddingWhereAllScoresAreNegative) {
  const AttentionShape shape = {.T = 5, .d = 8};  // three columns of padding, whose scores are 0
  std::vector<float> q(40, 10.0f), k(40, -10.0f), v(40), out(40);
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i % 8);
  std::vector<float> scratch(AttentionScratch(5, 8));
  AttendHead(shape, q.data(), k.data(), v.data(), 8, scratch.data(), out.data(), 8);
  for (size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], v[i % 8], 1e-5f);
}

TEST(IntegerAttention, MatchesTheFormulaForEveryShapeAndNumberOfTokensAcrossTheTiles) {
  const std::vector<float> bias = Random(6).Floats(200, 3.0f);
  for (size_t T = 1; T <= 34; ++T) {
    for (const auto& [what, shape] : Shapes(T, 32, bias.data())) CheckIntegers(shape, 1.0f, what);
  }
}

TEST(IntegerAttention, MatchesTheFormulaForOtherHeadSizesAndLongTexts) {
  for (size_t d : {8, 16, 64, 128, 256}) CheckIntegers({.T = 9, .d = d}, 1.0f);
  CheckIntegers({.T = 257, .d = 32}, 1.0f);
  CheckIntegers({.T = 512, .d = 64}, 2.0f);
  CheckIntegers({.T = 515, .d = 64, .reach_back = 64, .reach_ahead = 64}, 1.0f);
  CheckIntegers({.T = 515, .d = 64, .query_heads = 2, .reach_ahead = 0}, 1.0f);
}

TEST(IntegerAttention, SumsFitWhereEveryOperandIsAtItsEnd) {
  for (float sign : {1.0f, -1.0f}) {
    const size_t T = 515, d = 256;
    const std::vector<float> q(T * d, 3.0f), k(T * d, 3.0f), v(T * d, 5.0f * sign);
    std::vector<double> scratch(IntegerAttentionScratch(T, d) / sizeof(double) + 2);
    std::vector<float> out(T * d);
    AttendHeadInInteger({.T = T, .d = d}, q.data(), k.data(), v.data(), d, scratch.data(),
                        out.data(), d);
    for (float value : out) ASSERT_NEAR(value, 5.0f * sign, 1e-5f);
  }
}

TEST(IntegerAttention, TakesRowsOfZeros) {
  const size_t T = 3, d = 8;
  const std::vector<float> zeros(T * d, 0.0f);
  std::vector<float> v(T * d, 0.0f), out(T * d, 9.0f);
  v[0] = 3.0f;
  std::vector<double> scratch(IntegerAttentionScratch(T, d) / sizeof(double) + 2);
  AttendHeadInInteger({.T = T, .d = d}, zeros.data(), zeros.data(), v.data(), d, scratch.data(),
                      out.data(), d);
  EXPECT_NEAR(out[0], 1.0f, 1e-6f);
  for (size_t x = 1; x < d; ++x) EXPECT_EQ(out[x], 0.0f);
}

TEST(Attention, DoesNotSeeWhatTheScratchHeldNorKeysThatAreOutOfReach) {
  const std::vector<float> bias = Random(7).Floats(200, 3.0f);
  for (const auto& [what, shape] : Shapes(29, 32, bias.data())) {
    Rows rows(shape, 1.0f, 3);
    EXPECT_EQ(InF32(shape, rows, 0), InF32(shape, rows, 1e30f)) << what;
    EXPECT_EQ(InIntegers(shape, rows, 0), InIntegers(shape, rows, -1e300)) << what;
  }
  AttentionShape causal = {.T = 29, .d = 32, .reach_ahead = 0};
  Rows rows(causal, 1.0f, 4);
  const std::vector<float> before = InF32(causal, rows);
  for (size_t i = 17 * rows.stride; i < rows.values.size(); ++i) rows.values[i] *= 3;
  const std::vector<float> after = InF32(causal, rows);
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + 17 * 32, after.begin()));
  EXPECT_FALSE(std::equal(before.begin(), before.end(), after.begin()));
}

}  // namespace
}  // namespace simile
