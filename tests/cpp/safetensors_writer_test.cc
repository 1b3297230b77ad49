// SPDX-License-Identifier: Apache-2.0
#include "model/safetensors_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "stream_feed.h"

namespace simile {
namespace {

TEST(SafetensorsWriter, WritesWhatTheStreamReads) {
  const std::vector<TensorInfo> tensors = {{"x", DType::kU8, {3}, 0, 3},
                                           {"none", DType::kF32, {0, 2}, 3, 3},
                                           {"y \"quoted\" é", DType::kI64, {1}, 3, 11}};
  const std::string head =
      SafetensorsHeaderBytes({{"format", "simile"}, {"simile", "{\"a\": 1}"}}, tensors);
  EXPECT_EQ(head.size() % 64, 0u);
  const std::string file = head + "xxxyyyyyyyy";
  RecordingSink sink;
  SafetensorsStream stream(file.size(), &sink);
  ASSERT_TRUE(Feed(file, 13, &stream).ok());
  EXPECT_EQ(sink.log,
            "header 3 11\nx U8 3: xxx\nnone F32 0 2: \ny \"quoted\" é I64 1: yyyyyyyy\nend\n");
}

TEST(SafetensorsWriter, AlignsTheDataWhateverTheHeadersLength) {
  for (size_t n = 0; n < 130; ++n) {
    const std::string head = SafetensorsHeaderBytes({{"note", std::string(n, 'n')}}, {});
    EXPECT_EQ(head.size() % 64, 0u);
    EXPECT_EQ(static_cast<uint8_t>(head[0]) + 256u * static_cast<uint8_t>(head[1]),
              head.size() - 8);
  }
}

TEST(DType, KnowsSizeAndNameOfEach) {
  EXPECT_EQ(DTypeSize(DType::kF32), 4u);
  EXPECT_EQ(DTypeSize(DType::kF16), 2u);
  EXPECT_EQ(DTypeSize(DType::kBF16), 2u);
  EXPECT_EQ(DTypeSize(DType::kI8), 1u);
  EXPECT_EQ(DTypeSize(DType::kU8), 1u);
  EXPECT_EQ(DTypeSize(DType::kI64), 8u);
  EXPECT_STREQ(DTypeName(DType::kBF16), "BF16");
  EXPECT_STREQ(DTypeName(DType::kI64), "I64");
}

}  // namespace
}  // namespace simile
