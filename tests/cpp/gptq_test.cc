// SPDX-License-Identifier: Apache-2.0
// GPTQ against its definition: the form of the paper (inverse of H, its Cholesky
// factor, updates of the columns that are left) in plain f64, and against plain
// rounding by the error it is there to lower.
#include "convert/gptq.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "convert/quantize.h"
#include "gtest/gtest.h"

namespace simile {
namespace {

using Values = std::vector<float>;

std::unique_ptr<ThreadPool> Threads(size_t count) {
  Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::Create(count);
  EXPECT_TRUE(pool.ok());
  return std::move(pool.value());
}

// Inputs whose channels hang together, as those of a network do.
Values CorrelatedInputs(size_t T, size_t K, std::mt19937& random) {
  std::normal_distribution<float> normal;
  constexpr size_t kCauses = 4;
  Values mix(kCauses * K), x(T * K);
  for (float& value : mix) value = normal(random);
  for (size_t t = 0; t < T; ++t) {
    float cause[kCauses];
    for (float& value : cause) value = normal(random);
    for (size_t k = 0; k < K; ++k) {
      x[t * K + k] = 0.3f * normal(random);
      for (size_t c = 0; c < kCauses; ++c) x[t * K + k] += cause[c] * mix[c * K + k];
    }
  }
  return x;
}

Values Gram(const Values& x, size_t T, size_t K) {
  Values gram(K * K);
  for (size_t i = 0; i < K; ++i) {
    for (size_t j = 0; j < K; ++j) {
      double sum = 0;
      for (size_t t = 0; t < T; ++t) sum += double{x[t * K + i]} * x[t * K + j];
      gram[i * K + j] = static_cast<float>(sum);
    }
  }
  return gram;
}

// |X (w - q)|^2 over all rows of weights.
double ProductError(const Values& x, size_t T, const Values& w, const std::vector<int8_t>& q,
                    const Values& scale, size_t K) {
  double error = 0;
  for (size_t n = 0; n < scale.size(); ++n) {
    for (size_t t = 0; t < T; ++t) {
      double sum = 0;
      for (size_t k = 0; k < K; ++k) {
        sum += x[t * K + k] *
               (double{w[n * K + k]} - static_cast<double>(q[n * K + k]) * scale[n]);
      }
      error += sum * sum;
    }
  }
  return error;
}

using Matrix = std::vector<std::vector<double>>;

// Inverse by Gauss-Jordan; the matrix is positive definite and small.
Matrix Inverse(Matrix a) {
  const size_t K = a.size();
  Matrix inverse(K, std::vector<double>(K));
  for (size_t i = 0; i < K; ++i) inverse[i][i] = 1;
  for (size_t p = 0; p < K; ++p) {
    const double pivot = a[p][p];
    for (size_t j = 0; j < K; ++j) a[p][j] /= pivot, inverse[p][j] /= pivot;
    for (size_t i = 0; i < K; ++i) {
      if (i == p) continue;
      const double factor = a[i][p];
      for (size_t j = 0; j < K; ++j) {
        a[i][j] -= factor * a[p][j];
        inverse[i][j] -= factor * inverse[p][j];
      }
    }
  }
  return inverse;
}

// Upper U with U^T U = a.
Matrix UpperCholesky(const Matrix& a) {
  const size_t K = a.size();
  Matrix u(K, std::vector<double>(K));
  for (size_t i = 0; i < K; ++i) {
    for (size_t j = i; j < K; ++j) {
      double sum = a[i][j];
      for (size_t k = 0; k < i; ++k) sum -= u[k][i] * u[k][j];
      u[i][j] = j == i ? std::sqrt(sum) : sum / u[i][i];
    }
  }
  return u;
}

// Algorithm 1 of the paper, one row, columns taken from the last to the first:
// everything is turned round before and after.
std::vector<int8_t> PaperGptq(const Values& gram, std::vector<double> w, float scale) {
  const size_t K = w.size();
  Matrix h(K, std::vector<double>(K));
  double trace = 0;
  for (size_t i = 0; i < K; ++i) trace += gram[i * K + i];
  for (size_t i = 0; i < K; ++i) {
    for (size_t j = 0; j < K; ++j) h[K - 1 - i][K - 1 - j] = gram[i * K + j];
  }
  for (size_t i = 0; i < K; ++i) h[i][i] += 0.01 * trace / static_cast<double>(K);
  std::reverse(w.begin(), w.end());
  const Matrix u = UpperCholesky(Inverse(h));
  std::vector<int8_t> q(K);
  for (size_t k = 0; k < K; ++k) {
    q[k] = QuantizeValue(static_cast<float>(w[k]), scale);
    const double error = (w[k] - static_cast<double>(q[k]) * scale) / u[k][k];
    for (size_t j = k; j < K; ++j) w[j] -= error * u[k][j];
  }
  std::reverse(q.begin(), q.end());
  return q;
}

struct Problem {
  Problem(size_t T, size_t N, size_t K, uint32_t seed) : T(T), N(N), K(K) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    x = CorrelatedInputs(T, K, random);
    gram = Gram(x, T, K);
    w.resize(N * K);
    for (float& value : w) value = normal(random);
    plain.resize(N * K);
    scale.resize(N);
    QuantizeRows(w.data(), N, K, plain.data(), scale.data());
    // Few levels, so that rounding matters.
    for (float& value : scale) value *= 16;
    for (size_t i = 0; i < w.size(); ++i) plain[i] = QuantizeValue(w[i], scale[i / K]);
  }
  std::vector<int8_t> Round(ThreadPool& pool, const float* input_scale = nullptr) const {
    Gptq gptq;
    EXPECT_TRUE(gptq.Init(pool, gram.data(), input_scale, K).ok());
    std::vector<int8_t> q(N * K);
    EXPECT_TRUE(gptq.Round(pool, w.data(), scale.data(), N, q.data()).ok());
    return q;
  }
  size_t T, N, K;
  Values x, gram, w, scale;
  std::vector<int8_t> plain;
};

// Sizes on both sides of the lanes (16), the tile (8) and the block (64).
class GptqSizes : public testing::TestWithParam<std::pair<size_t, size_t>> {};

TEST_P(GptqSizes, RoundsAsTheFormOfThePaperDoes) {
  const auto [N, K] = GetParam();
  const Problem problem(4 * K + 8, N, K, 7);
  const std::vector<int8_t> q = problem.Round(*Threads(1));
  size_t different = 0;
  for (size_t n = 0; n < N; ++n) {
    const auto row = problem.w.begin() + static_cast<std::ptrdiff_t>(n * K);
    const std::vector<int8_t> expected =
        PaperGptq(problem.gram, std::vector<double>(row, row + static_cast<std::ptrdiff_t>(K)),
                  problem.scale[n]);
    for (size_t k = 0; k < K; ++k) {
      if (q[n * K + k] == expected[k]) continue;
      ++different;
      break;  // one value on a half changes the rest of its row
    }
  }
  EXPECT_LE(different, N / 16);  // f32 feedback against f64
}

TEST_P(GptqSizes, ChangesTheProductLessThanPlainRounding) {
  const auto [N, K] = GetParam();
  if (K < 15) return;  // too few columns to make up for each other
  const Problem p(4 * K + 8, N, K, 11);
  const double gptq = ProductError(p.x, p.T, p.w, p.Round(*Threads(1)), p.scale, K);
  const double plain = ProductError(p.x, p.T, p.w, p.plain, p.scale, K);
  EXPECT_LT(gptq, 0.5 * plain);
}

INSTANTIATE_TEST_SUITE_P(Edges, GptqSizes,
                         testing::Values(std::pair(1, 1), std::pair(2, 2), std::pair(3, 7),
                                         std::pair(15, 8), std::pair(16, 9), std::pair(17, 15),
                                         std::pair(33, 63), std::pair(5, 64), std::pair(31, 65),
                                         std::pair(18, 130)));

TEST(GptqTest, GivesTheSameWithAnyNumberOfThreads) {
  const Problem problem(300, 50, 130, 5);
  EXPECT_EQ(problem.Round(*Threads(1)), problem.Round(*Threads(3)));
}

TEST(GptqTest, ARowDoesNotDependOnItsNeighbours) {
  const Problem problem(200, 37, 40, 9);
  const auto pool = Threads(1);
  const std::vector<int8_t> all = problem.Round(*pool);
  Gptq gptq;
  ASSERT_TRUE(gptq.Init(*pool, problem.gram.data(), nullptr, 40).ok());
  for (size_t n = 0; n < 37; n += 5) {
    std::vector<int8_t> alone(40);
    ASSERT_TRUE(
        gptq.Round(*pool, problem.w.data() + n * 40, &problem.scale[n], 1, alone.data()).ok());
    for (size_t k = 0; k < 40; ++k) EXPECT_EQ(alone[k], all[n * 40 + k]);
  }
}

TEST(GptqTest, InputScaleIsTheSameAsScaledInputs) {
  Problem problem(200, 20, 24, 13);
  Values input_scale(24);
  for (size_t k = 0; k < 24; ++k) input_scale[k] = k % 3 == 0 ? 0.25f : 2.0f;  // exact
  const std::vector<int8_t> given = problem.Round(*Threads(1), input_scale.data());
  for (size_t i = 0; i < problem.x.size(); ++i) problem.x[i] *= input_scale[i % 24];
  problem.gram = Gram(problem.x, problem.T, 24);
  EXPECT_EQ(given, problem.Round(*Threads(1)));
}

TEST(GptqTest, ReadsOnlyTheUpperTriangle) {
  Problem problem(100, 4, 20, 17);
  const std::vector<int8_t> expected = problem.Round(*Threads(1));
  for (size_t i = 0; i < 20; ++i) {
    for (size_t j = 0; j < i; ++j) {
      problem.gram[i * 20 + j] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  EXPECT_EQ(problem.Round(*Threads(1)), expected);
}

TEST(GptqTest, WithoutAnyInputItRoundsPlainly) {
  Problem problem(50, 6, 12, 19);
  std::fill(problem.gram.begin(), problem.gram.end(), 0.0f);
  EXPECT_EQ(problem.Round(*Threads(1)), problem.plain);
}

TEST(GptqTest, ADeadAndADoubledChannelDoNoHarm) {
  Problem problem(60, 6, 12, 23);
  for (size_t t = 0; t < problem.T; ++t) {
    problem.x[t * 12 + 3] = 0;
    problem.x[t * 12 + 5] = problem.x[t * 12 + 4];
  }
  problem.gram = Gram(problem.x, problem.T, 12);
  const std::vector<int8_t> q = problem.Round(*Threads(1));
  for (size_t n = 0; n < 6; ++n) EXPECT_EQ(q[n * 12 + 3], problem.plain[n * 12 + 3]);
}

TEST(GptqTest, FewerInputsThanChannelsAreEnough) {
  const Problem problem(3, 4, 40, 29);
  const std::vector<int8_t> q = problem.Round(*Threads(1));
  EXPECT_LT(ProductError(problem.x, 3, problem.w, q, problem.scale, 40),
            ProductError(problem.x, 3, problem.w, problem.plain, problem.scale, 40));
}

TEST(GptqTest, NaNInTheGramIsAnErrorNotACrash) {
  Problem problem(20, 2, 6, 31);
  problem.gram[0] = std::numeric_limits<float>::quiet_NaN();
  Gptq gptq;
  const Status status = gptq.Init(*Threads(1), problem.gram.data(), nullptr, 6);
  EXPECT_EQ(status.code(), StatusCode::kBadModel);
}

TEST(GptqTest, AFailedAllocationIsAnError) {
  const Problem problem(20, 2, 6, 37);
  const auto pool = Threads(1);
  for (int countdown = 0; countdown < 2; ++countdown) {
    Gptq gptq;
    FailAllocationForTest(countdown);
    const Status status = gptq.Init(*pool, problem.gram.data(), nullptr, 6);
    FailAllocationForTest(-1);
    EXPECT_EQ(status.code(), StatusCode::kOutOfMemory);
  }
}

}  // namespace
}  // namespace simile
