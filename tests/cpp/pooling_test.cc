// SPDX-License-Identifier: Apache-2.0
#include "pool/pooling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "random.h"

namespace simile {
namespace {

TEST(Pooling, MeanIsOverAllTokens) {
  Random random(1);
  for (size_t T : {1, 2, 3, 50}) {
    const size_t H = 13;
    const std::vector<float> hidden = random.Floats(T * H);
    std::vector<float> out(H);
    Pool(Pooling::kMean, hidden.data(), T, H, out.data());
    for (size_t h = 0; h < H; ++h) {
      double sum = 0;
      for (size_t t = 0; t < T; ++t) sum += hidden[t * H + h];
      EXPECT_NEAR(out[h], sum / T, T * 1.2e-7);
    }
  }
}

TEST(Pooling, ClsIsTheFirstTokenAndLastIsTheLast) {
  const std::vector<float> hidden = {1, 2, 3, 4, 5, 6};
  std::vector<float> out(2);
  Pool(Pooling::kCls, hidden.data(), 3, 2, out.data());
  EXPECT_EQ(out, (std::vector<float>{1, 2}));
  Pool(Pooling::kLast, hidden.data(), 3, 2, out.data());
  EXPECT_EQ(out, (std::vector<float>{5, 6}));
}

TEST(Pooling, MaxIsOfEachDimension) {
  const std::vector<float> hidden = {1, -2, 3, -4, 2, -6};
  std::vector<float> out(2);
  Pool(Pooling::kMax, hidden.data(), 3, 2, out.data());
  EXPECT_EQ(out, (std::vector<float>{3, -2}));
}

TEST(Pooling, TheOtherMeansDivideByTheRootOrWeighLaterTokensMore) {
  Random random(3);
  for (size_t T : {1, 2, 3, 50}) {
    const size_t H = 13;
    const std::vector<float> hidden = random.Floats(T * H);
    std::vector<float> root(H), weighted(H);
    Pool(Pooling::kMeanSqrtLen, hidden.data(), T, H, root.data());
    Pool(Pooling::kWeightedMean, hidden.data(), T, H, weighted.data());
    for (size_t h = 0; h < H; ++h) {
      double sum = 0, weighted_sum = 0, weights = 0;
      for (size_t t = 0; t < T; ++t) {
        sum += hidden[t * H + h];
        weighted_sum += static_cast<double>(t + 1) * hidden[t * H + h];
        weights += static_cast<double>(t + 1);
      }
      EXPECT_NEAR(root[h], sum / std::sqrt(static_cast<double>(T)), T * 1.2e-7);
      EXPECT_NEAR(weighted[h], weighted_sum / weights, T * 1.2e-7);
    }
  }
}

TEST(Pooling, NormalizesToLengthOneAndLeavesZerosAlone) {
  Random random(2);
  std::vector<float> v = random.Floats(384);
  NormalizeL2(v.size(), v.data());
  double square = 0;
  for (float x : v) square += static_cast<double>(x) * x;
  EXPECT_NEAR(std::sqrt(square), 1.0, 1e-6);
  std::vector<float> zeros(5, 0.0f);
  NormalizeL2(zeros.size(), zeros.data());
  EXPECT_EQ(zeros, std::vector<float>(5, 0.0f));
}

}  // namespace
}  // namespace simile
