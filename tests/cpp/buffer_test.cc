// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "base/arena.h"

namespace simile {
namespace {

TEST(Buffer, KeepsItsElementsWhenItGrows) {
  Buffer<uint32_t> buffer;
  for (uint32_t i = 0; i < 1000; ++i) ASSERT_TRUE(buffer.Append(i * i).ok());
  ASSERT_EQ(buffer.size(), 1000u);
  for (uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(buffer[i], i * i);
}

TEST(Buffer, AppendsAnElementOfItsOwn) {
  Buffer<uint32_t> buffer;
  ASSERT_TRUE(buffer.Append(7).ok());
  while (buffer.size() < buffer.capacity()) ASSERT_TRUE(buffer.Append(1).ok());
  ASSERT_TRUE(buffer.Append(buffer[0]).ok());
  EXPECT_EQ(buffer[buffer.size() - 1], 7u);
}

TEST(Buffer, AppendsBlocksOfAnySize) {
  Buffer<uint8_t> buffer;
  const uint8_t bytes[3] = {1, 2, 3};
  for (size_t n : {0, 1, 3, 2, 3}) ASSERT_TRUE(buffer.Append(bytes, n).ok());
  ASSERT_EQ(buffer.size(), 9u);
  EXPECT_EQ(buffer[3], 3u);
  EXPECT_EQ(buffer[8], 3u);
}

TEST(Buffer, IsAlignedForSimd) {
  for (size_t size : {1, 63, 64, 1000}) {
    Buffer<uint8_t> buffer;
    ASSERT_TRUE(buffer.Resize(size).ok());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % kAlignment, 0u);
  }
}

TEST(Buffer, SaysWhenThereIsNoMemoryAndKeepsWhatItHas) {
  Buffer<uint32_t> buffer;
  ASSERT_TRUE(buffer.Resize(4).ok());
  buffer[3] = 9;
  FailAllocationForTest(0);
  const Status status = buffer.Resize(1 << 20);
  EXPECT_EQ(status.code(), StatusCode::kOutOfMemory);
  EXPECT_EQ(status.message(), "cannot allocate 4194304 bytes");
  ASSERT_EQ(buffer.size(), 4u);
  EXPECT_EQ(buffer[3], 9u);
  EXPECT_TRUE(buffer.Resize(1 << 20).ok());
}

TEST(Buffer, RefusesSizesThatOverflow) {
  Buffer<uint64_t> buffer;
  EXPECT_EQ(buffer.Resize(SIZE_MAX).code(), StatusCode::kOutOfMemory);
  EXPECT_EQ(buffer.Resize(SIZE_MAX / 8).code(), StatusCode::kOutOfMemory);
  EXPECT_EQ(buffer.Resize(SIZE_MAX / 16).code(), StatusCode::kOutOfMemory);
}

TEST(Buffer, FreesItsMemoryAndMovesIt) {
  Buffer<int> a;
  ASSERT_TRUE(a.Resize(5).ok());
  a[4] = 4;
  Buffer<int> b = std::move(a);
  EXPECT_EQ(b[4], 4);
  b.Free();
  EXPECT_EQ(b.capacity(), 0u);
}

TEST(Arena, GivesPiecesThatDoNotOverlapFromMemoryThatItKeeps) {
  Arena arena;
  const size_t bytes = Arena::PieceBytes<float>(3) + Arena::PieceBytes<uint8_t>(100);
  ASSERT_TRUE(arena.Reset(bytes).ok());
  float* floats = arena.Take<float>(3);
  uint8_t* tail = arena.Take<uint8_t>(100);
  EXPECT_GE(reinterpret_cast<uint8_t*>(floats) + Arena::PieceBytes<float>(3), tail);
  EXPECT_GE(tail, reinterpret_cast<uint8_t*>(floats + 3) + kReadSlackBytes);
  FailAllocationForTest(0);  // a smaller need allocates nothing
  EXPECT_TRUE(arena.Reset(bytes / 2).ok());
  EXPECT_EQ(arena.Take<float>(1), floats);
  EXPECT_EQ(arena.Reset(bytes * 2).code(), StatusCode::kOutOfMemory);
  EXPECT_TRUE(arena.Reset(bytes * 2).ok());
}

}  // namespace
}  // namespace simile
