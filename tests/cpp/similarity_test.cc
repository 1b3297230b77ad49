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

std::vector<Hit> RankAll(const std::vector<float>& query, const std::vector<float>& docs,
                         size_t top_k, Metric metric = Metric::kDot,
                         float min_score = kNoMinimum) {
  const size_t D = query.size();
  const size_t count = docs.size() / D;
  std::vector<Hit> hits(std::min(top_k, count));
  const auto n = Rank(query.data(), docs.data(), count, D, metric, top_k, min_score, hits.data());
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
        SimilarityMatrix(a.data(), 3, b.data(), 5, D, Metric::kCosine, scores.data()).ok());
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
  ASSERT_TRUE(SimilarityMatrix(a.data(), 3, a.data(), 3, 3, Metric::kCosine, scores.data()).ok());
  EXPECT_EQ(scores[0], 0.0f);
  EXPECT_EQ(scores[1], 0.0f);
  for (float score : scores) EXPECT_TRUE(score >= -1.0f && score <= 1.0f);
  EXPECT_NEAR(scores[8], 1.0f, 1e-6f);
}

TEST(Similarity, RefusesWhatIsNotFinite) {
  const std::vector<float> a = {1, 1, 3e38f, 3e38f, NAN, 0};
  std::vector<float> scores(9);
  const Status status =
      SimilarityMatrix(a.data(), 3, a.data(), 3, 2, Metric::kDot, scores.data());
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "the score of vectors 0 and 1 is not finite");
  EXPECT_FALSE(SimilarityMatrix(a.data(), 1, a.data(), 1, 0, Metric::kDot, scores.data()).ok());
}

TEST(Similarity, SaysWhenThereIsNoMemory) {
  const std::vector<float> a = {1, 2};
  float score;
  FailAllocationForTest(0);
  EXPECT_EQ(SimilarityMatrix(a.data(), 1, a.data(), 1, 2, Metric::kDot, &score).code(),
            StatusCode::kOutOfMemory);
  EXPECT_TRUE(SimilarityMatrix(a.data(), 1, a.data(), 1, 2, Metric::kDot, &score).ok());
  EXPECT_EQ(score, 5.0f);
}

TEST(Rank, GivesTheBestFirstForEveryTopK) {
  Random random(2);
  const size_t count = 57;
  const std::vector<float> query = random.Floats(7);
  const std::vector<float> docs = random.Floats(7 * count);
  std::vector<float> scores(count);
  ASSERT_TRUE(SimilarityMatrix(query.data(), 1, docs.data(), count, 7, Metric::kCosine,
                               scores.data()).ok());
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
  const float one = 1;
  Hit hit;
  EXPECT_FALSE(Rank(&one, &one, 1, 1, Metric::kDot, 1, NAN, &hit).ok());
  EXPECT_FALSE(Rank(&one, &one, 1, 0, Metric::kDot, 1, 0, &hit).ok());
  const float infinite = INFINITY;
  EXPECT_FALSE(Rank(&one, &infinite, 1, 1, Metric::kDot, 1, kNoMinimum, &hit).ok());
}

}  // namespace
}  // namespace simile
