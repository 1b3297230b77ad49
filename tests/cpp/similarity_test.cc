// SPDX-License-Identifier: Apache-2.0
#include "search/similarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/buffer.h"
#include "random.h"

namespace simile {
namespace {

constexpr float kNoMinimum = -std::numeric_limits<float>::infinity();

Vectors Floats(const float* values, size_t count) {
  return {VectorPrecision::kFloat32, values, nullptr, count};
}

std::vector<Hit> RankAll(const std::vector<float>& query, const std::vector<float>& docs,
                         size_t top_k, Metric metric = Metric::kDot,
                         float min_score = kNoMinimum) {
  const size_t D = query.size();
  const size_t count = docs.size() / D;
  std::vector<Hit> hits(std::min(top_k, count));
  const auto n = Rank(Floats(query.data(), 1), Floats(docs.data(), count), D, metric, top_k,
                      min_score, hits.data());
  EXPECT_TRUE(n.ok()) << n.status().message();
  hits.resize(n.value());
  return hits;
}

TEST(Similarity, CosineMatchesTheFormulaInEveryDimension) {
  Random random(1);
  for (size_t D = 1; D <= 33; ++D) {
    const std::vector<float> a = random.Floats(3 * D), b = random.Floats(5 * D);
    std::vector<float> scores(15);
    ASSERT_TRUE(
        SimilarityMatrix(Floats(a.data(), 3), Floats(b.data(), 5), D, Metric::kCosine,
                                 scores.data()).ok());
    for (size_t i = 0; i < 15; ++i) {
      double dot = 0, aa = 0, bb = 0;
      for (size_t d = 0; d < D; ++d) {
        const double x = a[i / 5 * D + d], y = b[i % 5 * D + d];
        dot += x * y, aa += x * x, bb += y * y;
      }
      EXPECT_NEAR(scores[i], dot / std::sqrt(aa * bb), (D + 8) * 1.2e-7);
    }
  }
}

TEST(Similarity, AVectorOfZerosHasCosineZeroAndEveryCosineIsInRange) {
  const std::vector<float> a = {0, 0, 0, 1e-20f, 1e-20f, 1e-20f, 0.1f, 0.2f, 0.7f};
  std::vector<float> scores(9);
  ASSERT_TRUE(SimilarityMatrix(Floats(a.data(), 3), Floats(a.data(), 3), 3, Metric::kCosine,
                               scores.data()).ok());
  EXPECT_EQ(scores[0], 0.0f);
  EXPECT_EQ(scores[1], 0.0f);
  for (float score : scores) EXPECT_TRUE(score >= -1.0f && score <= 1.0f);
  EXPECT_NEAR(scores[8], 1.0f, 1e-6f);
}

TEST(Similarity, RefusesWhatIsNotFinite) {
  const std::vector<float> a = {1, 1, 3e38f, 3e38f, NAN, 0};
  std::vector<float> scores(9);
  const Status status = SimilarityMatrix(
      Floats(a.data(), 3), Floats(a.data(), 3), 2, Metric::kDot, scores.data());
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "the score of vectors 0 and 1 is not finite");
  const Vectors one = Floats(a.data(), 1);
  EXPECT_FALSE(SimilarityMatrix(one, one, 0, Metric::kDot, scores.data()).ok());
  const Vectors bits{VectorPrecision::kBinary, a.data(), nullptr, 1};
  EXPECT_FALSE(SimilarityMatrix(one, bits, 2, Metric::kDot, scores.data()).ok());
}

TEST(Similarity, SaysWhenThereIsNoMemory) {
  const std::vector<float> a = {1, 2};
  const Vectors one = Floats(a.data(), 1);
  float score;
  FailAllocationForTest(0);
  EXPECT_EQ(SimilarityMatrix(one, one, 2, Metric::kDot, &score).code(),
            StatusCode::kOutOfMemory);
  EXPECT_TRUE(SimilarityMatrix(one, one, 2, Metric::kDot, &score).ok());
  EXPECT_EQ(score, 5.0f);
}

TEST(Rank, GivesTheBestFirstForEveryTopK) {
  Random random(2);
  const size_t count = 57;
  const std::vector<float> query = random.Floats(7);
  const std::vector<float> docs = random.Floats(7 * count);
  std::vector<float> scores(count);
  ASSERT_TRUE(SimilarityMatrix(Floats(query.data(), 1), Floats(docs.data(), count), 7,
                               Metric::kCosine, scores.data()).ok());
  std::vector<uint32_t> order(count);
  for (uint32_t i = 0; i < count; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return scores[a] > scores[b]; });
  for (size_t top_k = 0; top_k <= count + 2; ++top_k) {
    const std::vector<Hit> hits = RankAll(query, docs, top_k, Metric::kCosine);
    ASSERT_EQ(hits.size(), std::min(top_k, count));
    for (size_t i = 0; i < hits.size(); ++i) {
      EXPECT_EQ(hits[i].index, order[i]);
      EXPECT_EQ(hits[i].score, scores[order[i]]);
    }
  }
}

TEST(Rank, KeepsTheOrderOfDocumentsWithEqualScores) {
  const std::vector<float> docs = {1, 2, 1, 2, 1, 0, 2, 1};
  const std::vector<uint32_t> order = {1, 3, 6, 0, 2, 4, 7, 5};
  for (size_t top_k = 1; top_k <= docs.size(); ++top_k) {
    const std::vector<Hit> hits = RankAll({1}, docs, top_k);
    for (size_t i = 0; i < hits.size(); ++i) EXPECT_EQ(hits[i].index, order[i]);
  }
}

TEST(Rank, LeavesOutWhatIsBelowTheMinimum) {
  const std::vector<Hit> hits = RankAll({1}, {0.5f, 0.2f, 0.9f, 0.3f}, 10, Metric::kDot, 0.3f);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[2].index, 3u);
}

TEST(Rank, AcceptsNoDocumentsAndRefusesBadNumbers) {
  EXPECT_TRUE(RankAll({1, 2}, {}, 5).empty());
  const float number = 1;
  const Vectors one = Floats(&number, 1);
  Hit hit;
  EXPECT_FALSE(Rank(one, one, 1, Metric::kDot, 1, NAN, &hit).ok());
  EXPECT_FALSE(Rank(one, one, 0, Metric::kDot, 1, 0, &hit).ok());
  const float infinite = INFINITY;
  EXPECT_FALSE(Rank(one, Floats(&infinite, 1), 1, Metric::kDot, 1, kNoMinimum, &hit).ok());
}

// Vectors of one precision, made from floats, with what they stand for.
struct Formatted {
  Formatted(VectorPrecision precision, const std::vector<float>& floats, size_t D)
      : bytes(floats.size() / D * VectorBytes(precision, D)), scales(floats.size() / D) {
    EXPECT_TRUE(FormatVectors(floats.data(), scales.size(), D, {D, false, precision},
                              bytes.data(), scales.data()).ok());
    vectors = {precision, bytes.data(), scales.data(), scales.size()};
    for (size_t i = 0; i < floats.size(); ++i) {
      values.push_back(precision == VectorPrecision::kBinary
                           ? (floats[i] > 0 ? 1.0 : -1.0)
                           : static_cast<int8_t>(bytes[i]) *
                                 static_cast<double>(scales[i / D]));
    }
  }
  std::vector<uint8_t> bytes;
  std::vector<float> scales;
  std::vector<double> values;
  Vectors vectors;
};

TEST(Similarity, OfBytesAndBitsIsThatOfWhatTheyStandForAtEveryLength) {
  Random random(5);
  for (VectorPrecision precision : {VectorPrecision::kInt8, VectorPrecision::kBinary}) {
    for (size_t D = 1; D <= 140; ++D) {
      const Formatted a(precision, random.Floats(3 * D), D);
      const Formatted b(precision, random.Floats(5 * D), D);
      std::vector<float> cosines(15), dots(15);
      ASSERT_TRUE(
          SimilarityMatrix(a.vectors, b.vectors, D, Metric::kCosine, cosines.data()).ok());
      ASSERT_TRUE(SimilarityMatrix(a.vectors, b.vectors, D, Metric::kDot, dots.data()).ok());
      for (size_t i = 0; i < 15; ++i) {
        double dot = 0, aa = 0, bb = 0;
        for (size_t d = 0; d < D; ++d) {
          const double x = a.values[i / 5 * D + d], y = b.values[i % 5 * D + d];
          dot += x * y, aa += x * x, bb += y * y;
        }
        // Sums are exact; what is left is one rounding to f32.
        EXPECT_NEAR(cosines[i], dot / std::sqrt(aa * bb), 1.2e-7);
        EXPECT_NEAR(dots[i], dot, std::fabs(dot) * 1.2e-7 + 1e-12);
      }
    }
  }
}

TEST(Similarity, OfBitsIsExactlyOneLessTwiceTheHammingDistance) {
  const size_t D = 384;
  std::vector<uint8_t> zeros(D / 8, 0);
  for (size_t hamming = 0; hamming <= D; ++hamming) {
    std::vector<uint8_t> bits(D / 8, 0);
    for (size_t i = 0; i < hamming; ++i) bits[i / 8] |= static_cast<uint8_t>(0x80 >> (i % 8));
    float score;
    ASSERT_TRUE(SimilarityMatrix({VectorPrecision::kBinary, zeros.data(), nullptr, 1},
                                 {VectorPrecision::kBinary, bits.data(), nullptr, 1}, D,
                                 Metric::kCosine, &score).ok());
    EXPECT_EQ(score, static_cast<float>(1.0 - 2.0 * static_cast<double>(hamming) / D));
  }
}

TEST(Similarity, OfManyLargeBytesDoesNotOverflow) {
  const size_t D = 300000;
  const std::vector<int8_t> bytes(D, -127);
  const float scale = 1;
  const Vectors one{VectorPrecision::kInt8, bytes.data(), &scale, 1};
  float score;
  ASSERT_TRUE(SimilarityMatrix(one, one, D, Metric::kDot, &score).ok());
  EXPECT_EQ(score, static_cast<float>(127.0 * 127.0 * D));
  ASSERT_TRUE(SimilarityMatrix(one, one, D, Metric::kCosine, &score).ok());
  EXPECT_EQ(score, 1.0f);
}

TEST(Rank, OfBytesAndBitsGoesByTheirScores) {
  Random random(6);
  const size_t D = 21, count = 33;
  const std::vector<float> query = random.Floats(D), docs = random.Floats(D * count);
  for (VectorPrecision precision : {VectorPrecision::kInt8, VectorPrecision::kBinary}) {
    const Formatted q(precision, query, D), d(precision, docs, D);
    std::vector<float> scores(count);
    ASSERT_TRUE(
        SimilarityMatrix(q.vectors, d.vectors, D, Metric::kCosine, scores.data()).ok());
    std::vector<Hit> hits(9);
    const auto n = Rank(q.vectors, d.vectors, D, Metric::kCosine, 9, kNoMinimum, hits.data());
    ASSERT_EQ(n.value(), 9u);
    std::vector<uint32_t> order(count);
    for (uint32_t i = 0; i < count; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return scores[a] > scores[b]; });
    for (size_t i = 0; i < 9; ++i) {
      EXPECT_EQ(hits[i].index, order[i]);
      EXPECT_EQ(hits[i].score, scores[order[i]]);
    }
  }
}

}  // namespace
}  // namespace simile
