// SPDX-License-Identifier: Apache-2.0
#include "pool/long_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "random.h"

namespace simile {
namespace {

// [101, 0, 1, … count - 1, 102] as a tokenizer gives them.
Buffer<Token> TokensOf(uint32_t count) {
  Buffer<Token> tokens;
  EXPECT_TRUE(tokens.Append({101, 0, 0}).ok());
  for (uint32_t i = 0; i < count; ++i) EXPECT_TRUE(tokens.Append({i, i, i + 1}).ok());
  EXPECT_TRUE(tokens.Append({102, 0, 0}).ok());
  return tokens;
}

TEST(LongText, PiecesHoldEveryTokenOnceBetweenSpecialOnes) {
  for (uint32_t count = 1; count <= 20; ++count) {
    for (size_t max_tokens = 3; max_tokens <= 9; ++max_tokens) {
      LongText text;
      ASSERT_TRUE(text.Start(TokensOf(count), max_tokens, 1).ok());
      uint32_t seen = 0;
      while (text.is_open()) {
        Buffer<uint32_t> ids;
        ASSERT_TRUE(text.NextPiece(&ids).ok());
        ASSERT_EQ(ids.size(), std::min<size_t>(max_tokens, count - seen + 2));
        EXPECT_EQ(ids[0], 101u);
        EXPECT_EQ(ids[ids.size() - 1], 102u);
        for (size_t i = 1; i + 1 < ids.size(); ++i) EXPECT_EQ(ids[i], seen++);
      }
      EXPECT_EQ(seen, count);
      EXPECT_EQ(text.full_tokens(), count + 2u);
    }
  }
}

TEST(LongText, GivesTheMeanOfThePiecesWeightedByTheirTokens) {
  Random random(1);
  const size_t D = 7;
  LongText text;
  ASSERT_TRUE(text.Start(TokensOf(50), 20, D).ok());
  std::vector<double> sum(D);
  double weights = 0;
  for (size_t tokens : {20, 20, 16}) {
    const std::vector<float> v = random.Floats(D);
    text.Add(v.data(), tokens);
    for (size_t i = 0; i < D; ++i) sum[i] += v[i] * static_cast<double>(tokens);
    weights += static_cast<double>(tokens);
  }
  EXPECT_EQ(text.tokens_done(), 56u);
  std::vector<float> out(D);
  text.Finish(out.data());
  for (size_t i = 0; i < D; ++i) EXPECT_NEAR(out[i], sum[i] / weights, 1e-6);
  EXPECT_FALSE(text.is_open());
}

TEST(LongText, RefusesPiecesWithoutRoomAndSaysWhenThereIsNoMemory) {
  const Buffer<Token> tokens = TokensOf(9);
  LongText text;
  EXPECT_EQ(text.Start(tokens, 2, 4).code(), StatusCode::kInvalidArgument);
  for (int n = 0; n < 2; ++n) {
    FailAllocationForTest(n);
    EXPECT_EQ(text.Start(tokens, 8, 4).code(), StatusCode::kOutOfMemory);
    FailAllocationForTest(-1);
    EXPECT_FALSE(text.is_open());
    text = LongText();
  }
}

}  // namespace
}  // namespace simile
