// SPDX-License-Identifier: Apache-2.0
// Packed weights against XNNPACK's own packing, byte by byte.
#include "products/packing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "random.h"
#include "xnnpack/microparams.h"
#include "xnnpack/pack.h"

namespace simile {
namespace {

std::vector<uint8_t> XnnpackInt8(PackedShape shape, size_t columns, size_t K, const int8_t* w) {
  std::vector<uint8_t> packed(PackedInt8Bytes(shape, columns, K), 0);
  const xnn_qs8_packing_params zero_point_one = {1};
  xnn_pack_qs8_gemm_goi_w(/*g=*/1, columns, K, shape.nr, shape.kr, /*sr=*/1, w, /*b=*/nullptr,
                          /*scale=*/nullptr, packed.data(), 2 * shape.nr * sizeof(float),
                          &zero_point_one);
  return packed;
}

TEST(Packing, Int8IsXnnpacksByteForByte) {
  Random random(1);
  for (size_t nr : {4, 8}) {
    for (size_t kr : {1, 2, 4, 8}) {
      const PackedShape shape = {nr, kr};
      for (size_t columns = 1; columns <= 17; ++columns) {
        for (size_t K = 1; K <= 33; ++K) {
          const std::vector<int8_t> w = random.Weights(columns * K);
          // XNNPACK leaves room for scales and biases; ours of 0 are that.
          const std::vector<float> zeros(columns, 0.0f);
          std::vector<uint8_t> packed(PackedInt8Bytes(shape, columns, K), 0x5a);
          PackInt8(shape, columns, K, w.data(), zeros.data(), zeros.data(), packed.data());
          ASSERT_EQ(packed, XnnpackInt8(shape, columns, K, w.data()))
              << nr << "c" << kr << " columns " << columns << " K " << K;
        }
      }
    }
  }
}

TEST(Packing, ScalesAndBiasesStandBehindTheirBlock) {
  const std::vector<int8_t> w(5 * 4, 1);
  const std::vector<float> scales = {1, 2, 3, 4, 5}, biases = {6, 7, 8, 9, 10};
  const PackedShape shape = {4, 4};
  std::vector<uint8_t> packed(PackedInt8Bytes(shape, 5, 4), 0x5a);
  PackInt8(shape, 5, 4, w.data(), scales.data(), biases.data(), packed.data());
  const size_t block = packed.size() / 2;
  std::vector<float> tails(16);
  std::memcpy(tails.data(), packed.data() + block - 32, 32);
  std::memcpy(tails.data() + 8, packed.data() + 2 * block - 32, 32);
  EXPECT_EQ(tails, (std::vector<float>{1, 2, 3, 4, 6, 7, 8, 9, 5, 0, 0, 0, 10, 0, 0, 0}));
}

TEST(Packing, NoBiasesAreBiasesOfZero) {
  const std::vector<int8_t> w(5 * 4, 1);
  const std::vector<float> scales = {1, 2, 3, 4, 5}, zeros(5, 0.0f);
  const PackedShape shape = {4, 4};
  std::vector<uint8_t> packed(PackedInt8Bytes(shape, 5, 4), 0x5a), expected = packed;
  PackInt8(shape, 5, 4, w.data(), scales.data(), nullptr, packed.data());
  PackInt8(shape, 5, 4, w.data(), scales.data(), zeros.data(), expected.data());
  EXPECT_EQ(packed, expected);
}

TEST(Packing, F32IsXnnpacksByteForByte) {
  Random random(2);
  for (size_t nr : {4, 8}) {
    for (size_t columns = 1; columns <= 17; ++columns) {
      for (size_t K = 1; K <= 9; ++K) {
        const std::vector<float> w = random.Floats(columns * K), bias = random.Floats(columns);
        const size_t count = PackedF32Bytes({nr, 1}, columns, K) / sizeof(float);
        std::vector<float> packed(count, 99.0f), expected(count, 0.0f);
        PackF32({nr, 1}, columns, K, w.data(), bias.data(), packed.data());
        xnn_pack_f32_gemm_goi_w(/*g=*/1, columns, K, nr, /*kr=*/1, /*sr=*/1, w.data(),
                                bias.data(), /*scale=*/nullptr, expected.data(),
                                /*extra_bytes=*/0, /*params=*/nullptr);
        ASSERT_EQ(packed, expected) << nr << " columns " << columns << " K " << K;
      }
    }
  }
}

}  // namespace
}  // namespace simile
