// SPDX-License-Identifier: Apache-2.0
// Products against scalar loops, in sizes that cross every block edge.
#include "products/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "products/micro_kernels.h"
#include "random.h"

namespace simile {
namespace {

std::unique_ptr<ThreadPool> MakePool(size_t threads) {
  return std::move(ThreadPool::Create(threads).value());
}

struct Int8Case {
  Int8Case(size_t T, size_t N, size_t K, uint64_t seed) : T(T), N(N), K(K) {
    Random random(seed);
    weights = random.Weights(N * K);
    scales = random.Floats(N);
    for (float& scale : scales) scale = 0.01f + 0.01f * std::fabs(scale);
    biases = random.Floats(N);
    params.resize(T + kRowParamsSlack);
    for (RowQuantization& row : params) {
      row = {static_cast<int32_t>(random.Below(256)) - 128, 0.02f + 0.01f * random.Float()};
    }
    std::fill(params.begin() + T, params.end(), params[T - 1]);
    values.resize(T * K);
    for (int& value : values) value = static_cast<int>(random.Below(256)) - 128;
    Store();
  }

  QuantizedRows rows() const { return {data.data(), params.data(), nullptr, nullptr, T, K}; }
  // These rows with `rest` as what they leave over.
  QuantizedRows rows(const Int8Case& rest) const {
    return {data.data(), params.data(), rest.data.data(), rest.params.data(), T, K};
  }

  // The values in the form that the chosen kernel reads.
  void Store() {
    const QuantizedForm form = Linear::form();
    const size_t stride = QuantizedStride(K, form);
    data.resize(T * stride + kReadSlackBytes, 0x5a);
    for (size_t t = 0; t < T; ++t) {
      for (size_t k = 0; k < K; ++k) {
        const int value = values[t * K + k];
        uint8_t* out = data.data() + t * stride + k * BytesOf(form);
        const int16_t without_zero = static_cast<int16_t>(value - params[t].zero_point);
        if (form == QuantizedForm::kInt16WithoutZero) {
          std::memcpy(out, &without_zero, sizeof without_zero);
        } else {
          *out = static_cast<uint8_t>(value + (form == QuantizedForm::kUint8 ? 128 : 0));
        }
      }
    }
  }

  // The definition in micro_kernels.h, step by step.
  float Expected(size_t t, size_t n) const { return Product(t, n) + biases[n]; }
  float Product(size_t t, size_t n) const {
    int32_t sum = 0;
    for (size_t k = 0; k < K; ++k) {
      sum += (values[t * K + k] - params[t].zero_point) * weights[n * K + k];
    }
    const float scaled = static_cast<float>(sum) * params[t].scale;
    return scaled * scales[n];
  }

  size_t T, N, K;
  std::vector<int8_t> weights;
  std::vector<int> values;
  std::vector<uint8_t> data;
  std::vector<float> scales, biases;
  std::vector<RowQuantization> params;
};

// What the product of c is, and that nothing is written behind it.
template <typename Expected>
void CheckRun(const Linear& linear, const Int8Case& c, const QuantizedRows& rows,
              ThreadPool& pool, const Expected& expected) {
  std::vector<float> y(c.T * c.N + 1, 99.0f);
  linear.Run(pool, rows, y.data());
  for (size_t t = 0; t < c.T; ++t) {
    for (size_t n = 0; n < c.N; ++n) {
      ASSERT_EQ(y[t * c.N + n], expected(t, n))
          << "T " << c.T << " N " << c.N << " K " << c.K << " t " << t << " n " << n;
    }
  }
  EXPECT_EQ(y[c.T * c.N], 99.0f);
}

void CheckInt8(size_t T, size_t N, size_t K, ThreadPool& pool) {
  const Int8Case c(T, N, K, T * 10000 + N * 100 + K);
  Linear linear;
  ASSERT_TRUE(linear.InitInt8(N, K).ok());
  linear.PackInt8(0, N, c.weights.data(), c.scales.data(), c.biases.data());
  CheckRun(linear, c, c.rows(), pool, [&](size_t t, size_t n) { return c.Expected(t, n); });
}

TEST(Linear, Int8IsExactForEveryNumberOfRowsAndColumns) {
  const auto pool = MakePool(1);
  for (size_t T = 1; T <= 9; ++T) {
    for (size_t N = 1; N <= 17; ++N) CheckInt8(T, N, 24, *pool);
  }
}

TEST(Linear, Int8IsExactForEveryLengthOfARow) {
  const auto pool = MakePool(1);
  for (size_t K = 1; K <= 49; ++K) CheckInt8(5, 9, K, *pool);
}

TEST(Linear, Int8IsExactForTheShapesOfMiniLm) {
  const auto pool = MakePool(1);
  CheckInt8(3, 1152, 384, *pool);
  CheckInt8(6, 384, 1536, *pool);
}

TEST(Linear, ThreadsDoNotChangeABit) {
  const auto pool = MakePool(3);
  for (size_t T : {1, 31, 32, 33, 70}) CheckInt8(T, 200, 64, *pool);
}

// Packed in two calls where N allows it.
void CheckTwoParts(size_t T, size_t N, size_t K, ThreadPool& pool) {
  const Int8Case c(T, N, K, T * 10000 + N * 100 + K);
  Int8Case rest(T, N, K, T * 10000 + N * 100 + K + 1);
  rest.weights = c.weights;
  rest.scales = c.scales;
  Linear linear;
  ASSERT_TRUE(linear.InitInt8(N, K, /*two_parts=*/true).ok());
  const size_t first = N % 16 == 0 ? N / 2 : N;
  linear.PackInt8(0, first, c.weights.data(), c.scales.data(), c.biases.data());
  if (first != N) {
    linear.PackInt8(first, N - first, c.weights.data() + first * K, c.scales.data() + first,
                    c.biases.data() + first);
  }
  CheckRun(linear, c, c.rows(rest), pool, [&](size_t t, size_t n) {
    return (c.Product(t, n) + rest.Product(t, n)) + c.biases[n];
  });
}

TEST(Linear, TwoPartsAreTheSumOfTwoExactProducts) {
  const auto pool = MakePool(1);
  for (size_t T = 1; T <= 9; ++T) {
    for (size_t N = 1; N <= 17; ++N) CheckTwoParts(T, N, 24, *pool);
  }
  for (size_t K = 1; K <= 33; ++K) CheckTwoParts(5, 9, K, *pool);
}

TEST(Linear, TwoPartsDoNotDependOnBlocksOrThreads) {
  const auto pool = MakePool(3);
  // More columns than a tile of the second part has, and rows of several tasks.
  for (size_t T : {1, 31, 32, 33, 70}) CheckTwoParts(T, 272, 8, *pool);
  CheckTwoParts(6, 384, 1536, *pool);
}

TEST(Linear, PartsPackAsTheWhole) {
  const auto pool = MakePool(1);
  const Int8Case c(5, 48, 40, 1);
  Linear whole, parts;
  ASSERT_TRUE(whole.InitInt8(48, 40).ok());
  ASSERT_TRUE(parts.InitInt8(48, 40).ok());
  whole.PackInt8(0, 48, c.weights.data(), c.scales.data(), c.biases.data());
  for (size_t first : {32, 0, 16}) {
    parts.PackInt8(first, 16, c.weights.data() + first * 40, c.scales.data() + first,
                   c.biases.data() + first);
  }
  std::vector<float> a(5 * 48), b(5 * 48);
  whole.Run(*pool, c.rows(), a.data());
  parts.Run(*pool, c.rows(), b.data());
  EXPECT_EQ(a, b);
}

TEST(Linear, F32IsWithinTheBoundOfItsAdditions) {
  const auto pool = MakePool(2);
  Random random(5);
  for (size_t T : {1, 2, 4, 5, 37}) {
    for (size_t N : {1, 7, 8, 9, 40}) {
      const size_t K = 13 + N;
      const std::vector<float> w = random.Floats(N * K), bias = random.Floats(N);
      std::vector<float> x = random.Floats(T * K + 16);
      Linear linear;
      ASSERT_TRUE(linear.InitF32(N, K).ok());
      linear.PackF32(0, N, w.data(), bias.data());
      std::vector<float> y(T * N);
      linear.Run(*pool, x.data(), T, y.data());
      for (size_t i = 0; i < T * N; ++i) {
        double sum = bias[i % N], magnitude = std::fabs(bias[i % N]);
        for (size_t k = 0; k < K; ++k) {
          const double product = static_cast<double>(x[i / N * K + k]) * w[i % N * K + k];
          sum += product;
          magnitude += std::fabs(product);
        }
        EXPECT_NEAR(y[i], sum, (K + 1) * 1.2e-7 * magnitude);
      }
    }
  }
}

TEST(Linear, SaysWhenThereIsNoMemoryForItsWeights) {
  Linear linear;
  for (const bool two_parts : {false, true}) {
    FailAllocationForTest(0);
    EXPECT_EQ(linear.InitInt8(64, 64, two_parts).code(), StatusCode::kOutOfMemory);
  }
  EXPECT_TRUE(linear.InitInt8(64, 64).ok());
}

TEST(MicroKernels, TheScalarKernelIsExactAndSoIsTheChosenOne) {
  size_t count;
  const Int8KernelEntry* table = Int8KernelTable(&count);
  EXPECT_TRUE(IsExact(table[count - 1]));
  EXPECT_TRUE(IsExact(Int8KernelChoice()));
}

// A kernel that takes the activations as signed where the table says unsigned,
// as a processor with another dot product would.
void WrongKernel(size_t mr, size_t nc, size_t, const int8_t*, size_t, const void*, float* c,
                 size_t cm_stride, size_t, const xnn_f32_minmax_params*,
                 const xnn_qd8_quantization_params*) {
  for (size_t m = 0; m < mr; ++m) std::memset(reinterpret_cast<char*>(c) + m * cm_stride, 0, nc * 4);
}

TEST(MicroKernels, AKernelThatComputesOtherSumsIsNotExact) {
  const Int8KernelEntry wrong = {"wrong", WrongKernel, WrongKernel, 4, 4, 8};
  EXPECT_FALSE(IsExact(wrong));
}

TEST(ThreadPool, RunsEveryIndexOnce) {
  for (size_t threads : {1, 2, 3}) {
    const auto pool = MakePool(threads);
    EXPECT_LE(pool->threads(), threads);
    EXPECT_GE(pool->threads(), 1u);
    for (size_t count : {0, 1, 2, 100}) {
      std::vector<int> calls(count, 0);
      pool->For(count, [&](size_t i) { ++calls[i]; });
      EXPECT_EQ(calls, std::vector<int>(count, 1));
    }
  }
}

TEST(ThreadPool, RefusesAThreadCountOutOfRange) {
  EXPECT_EQ(ThreadPool::Create(0).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ThreadPool::Create(65).status().message(), "threads: expected 1 to 64, got 65");
}

}  // namespace
}  // namespace simile
