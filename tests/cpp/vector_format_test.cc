// SPDX-License-Identifier: Apache-2.0
#include "pool/vector_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "random.h"

namespace simile {
namespace {

TEST(VectorFormat, BytesCountWholeVectors) {
  EXPECT_EQ(VectorBytes(VectorPrecision::kFloat32, 3), 12u);
  EXPECT_EQ(VectorBytes(VectorPrecision::kInt8, 3), 3u);
  for (size_t dims = 1; dims <= 17; ++dims) {
    EXPECT_EQ(VectorBytes(VectorPrecision::kBinary, dims), dims <= 8 ? 1u : dims <= 16 ? 2u : 3u);
  }
}

TEST(QuantizeVector, IsWithinHalfAStepAndReachesItsLargestValueAtEveryLength) {
  Random random(1);
  for (size_t dims = 1; dims <= 33; ++dims) {
    const std::vector<float> v = random.Floats(dims, 3.0f);
    std::vector<int8_t> q(dims);
    const float scale = QuantizeVector(v.data(), dims, q.data());
    float largest = 0;
    int reached = 0;
    for (size_t i = 0; i < dims; ++i) {
      largest = std::max(largest, std::fabs(v[i]));
      reached = std::max(reached, std::abs(static_cast<int>(q[i])));
      // Half a step, and the rounding of a quotient of 127 at most.
      EXPECT_NEAR(v[i], q[i] * static_cast<double>(scale), scale * (0.5 + 127 * 1.2e-7));
    }
    EXPECT_EQ(scale, largest / 127.0f);
    EXPECT_EQ(reached, 127);
  }
}

TEST(QuantizeVector, RoundsHalvesToEven) {
  const std::vector<float> v = {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 126.5f};
  std::vector<int8_t> q(v.size());
  EXPECT_EQ(QuantizeVector(v.data(), v.size(), q.data()), 1.0f);
  EXPECT_EQ(q, (std::vector<int8_t>{127, 0, 2, 2, 0, -2, -2, 126}));
}

TEST(QuantizeVector, TakesZerosAndTheSmallestAndLargestNumbers) {
  std::vector<int8_t> q(2);
  const float zeros[] = {0.0f, -0.0f};
  EXPECT_EQ(QuantizeVector(zeros, 2, q.data()), 0.0f);
  EXPECT_EQ(q, (std::vector<int8_t>{0, 0}));
  const float tiny = std::numeric_limits<float>::denorm_min();
  for (float largest : {tiny, 100 * tiny, 190 * tiny, std::numeric_limits<float>::max()}) {
    const float v[] = {largest, -largest};
    const float scale = QuantizeVector(v, 2, q.data());
    EXPECT_EQ(q[0], -q[1]);
    EXPECT_EQ(q[0] == 0, scale == 0.0f);
    EXPECT_TRUE(std::isfinite(scale));
  }
}

TEST(BinarizeVector, SetsTheMostSignificantBitFirstAndLeavesTheRestZero) {
  Random random(2);
  for (size_t dims = 1; dims <= 33; ++dims) {
    const std::vector<float> v = random.Floats(dims);
    std::vector<uint8_t> bits((dims + 7) / 8, 0xff);
    BinarizeVector(v.data(), dims, bits.data());
    for (size_t i = 0; i < bits.size() * 8; ++i) {
      const bool expected = i < dims && v[i] > 0;
      EXPECT_EQ((bits[i / 8] >> (7 - i % 8)) & 1, expected ? 1 : 0) << dims << " " << i;
    }
  }
  const float signs[] = {0.0f, -0.0f, 1e-45f, -1.0f, 1.0f, -1e-45f, 0.0f, 2.0f, 3.0f};
  uint8_t bits[2];
  BinarizeVector(signs, 9, bits);  // numpy.packbits(signs > 0)
  EXPECT_EQ(bits[0], 0b00101001);
  EXPECT_EQ(bits[1], 0b10000000);
}

TEST(FormatVectors, KeepsTheFirstDimensionsAndNormalizesThemAgain) {
  Random random(3);
  const size_t D = 20, count = 3;
  const std::vector<float> vectors = random.Floats(D * count);
  for (size_t dims = 1; dims <= D; ++dims) {
    for (bool normalize : {true, false}) {
      std::vector<float> out(dims * count);
      ASSERT_TRUE(FormatVectors(vectors.data(), count, D,
                                {dims, normalize, VectorPrecision::kFloat32},
                                reinterpret_cast<uint8_t*>(out.data()), nullptr).ok());
      for (size_t i = 0; i < count; ++i) {
        double square = 0;
        for (size_t d = 0; d < dims; ++d) square += std::pow(vectors[i * D + d], 2.0);
        const double length = normalize && dims < D ? std::sqrt(square) : 1.0;
        for (size_t d = 0; d < dims; ++d) {
          EXPECT_NEAR(out[i * dims + d], vectors[i * D + d] / length, 1e-6);
        }
      }
    }
  }
}

TEST(FormatVectors, QuantizesEachVectorOnItsOwn) {
  Random random(4);
  const size_t D = 19, dims = 13, count = 5;
  const std::vector<float> vectors = random.Floats(D * count);
  std::vector<float> cut(dims * count);
  ASSERT_TRUE(FormatVectors(vectors.data(), count, D, {dims, true, VectorPrecision::kFloat32},
                            reinterpret_cast<uint8_t*>(cut.data()), nullptr).ok());
  std::vector<uint8_t> bytes(dims * count), bits(2 * count);
  std::vector<float> scales(count);
  ASSERT_TRUE(FormatVectors(vectors.data(), count, D, {dims, true, VectorPrecision::kInt8},
                            bytes.data(), scales.data()).ok());
  ASSERT_TRUE(FormatVectors(vectors.data(), count, D, {dims, true, VectorPrecision::kBinary},
                            bits.data(), nullptr).ok());
  for (size_t i = 0; i < count; ++i) {
    int8_t q[dims];
    uint8_t b[2];
    EXPECT_EQ(QuantizeVector(&cut[i * dims], dims, q), scales[i]);
    BinarizeVector(&cut[i * dims], dims, b);
    for (size_t d = 0; d < dims; ++d) EXPECT_EQ(static_cast<int8_t>(bytes[i * dims + d]), q[d]);
    EXPECT_EQ(bits[2 * i], b[0]);
    EXPECT_EQ(bits[2 * i + 1], b[1]);
  }
}

TEST(FormatVectors, RefusesDimensionsThatAreNotThereAndSaysWhenThereIsNoMemory) {
  const float v[] = {1, 2, 3};
  float out[3];
  const auto format = [&](size_t dims) {
    return FormatVectors(v, 1, 3, {dims, true, VectorPrecision::kFloat32},
                         reinterpret_cast<uint8_t*>(out), nullptr);
  };
  EXPECT_EQ(format(0).message(), "dims: expected 1 to 3, got 0");
  EXPECT_EQ(format(4).code(), StatusCode::kInvalidArgument);
  FailAllocationForTest(0);
  EXPECT_EQ(format(2).code(), StatusCode::kOutOfMemory);
  EXPECT_TRUE(format(2).ok());
}

}  // namespace
}  // namespace simile
