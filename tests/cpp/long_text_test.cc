// SPDX-License-Identifier: Apache-2.0
#include "pool/long_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "random.h"

namespace simile {
namespace {

SurroundingTokens Added(const std::vector<uint32_t>& before, const std::vector<uint32_t>& after) {
  SurroundingTokens added;
  EXPECT_TRUE(added.before.Append(before.data(), before.size()).ok());
  EXPECT_TRUE(added.after.Append(after.data(), after.size()).ok());
  return added;
}

// BERT's, T5's, two Llamas', and more than there are of any.
std::vector<SurroundingTokens> KindsOfSurroundingTokens() {
  std::vector<SurroundingTokens> kinds;
  kinds.push_back(Added({101}, {102}));
  kinds.push_back(Added({}, {102}));
  kinds.push_back(Added({101}, {}));
  kinds.push_back(Added({}, {}));
  kinds.push_back(Added({101, 103}, {102, 104, 105}));
  return kinds;
}

// [101, 0, 1, … count - 1, 102] as a tokenizer gives them. The first one's own offset
// is that of an added one, as a sentencepiece model's lone "▁" has it.
Buffer<Token> TokensOf(uint32_t count, const SurroundingTokens& added) {
  Buffer<Token> tokens;
  for (uint32_t id : added.before) EXPECT_TRUE(tokens.Append({id, 0, 0}).ok());
  for (uint32_t i = 0; i < count; ++i) EXPECT_TRUE(tokens.Append({i, i, i}).ok());
  for (uint32_t id : added.after) EXPECT_TRUE(tokens.Append({id, 0, 0}).ok());
  return tokens;
}

TEST(LongText, PiecesHoldEveryTokenOnceBetweenSpecialOnes) {
  for (const SurroundingTokens& added : KindsOfSurroundingTokens()) {
    for (uint32_t count = 1; count <= 20; ++count) {
      for (size_t own = 1; own <= 7; ++own) {
        LongText text;
        ASSERT_TRUE(text.Start(TokensOf(count, added), added, own + added.count(), 1).ok());
        uint32_t seen = 0;
        while (text.is_open()) {
          Buffer<uint32_t> ids;
          ASSERT_TRUE(text.NextPiece(&ids).ok());
          const size_t end = ids.size() - added.after.size();
          ASSERT_EQ(ids.size(), std::min<size_t>(own, count - seen) + added.count());
          for (size_t i = 0; i < added.before.size(); ++i) EXPECT_EQ(ids[i], added.before[i]);
          for (size_t i = 0; i < added.after.size(); ++i) EXPECT_EQ(ids[end + i], added.after[i]);
          for (size_t i = added.before.size(); i < end; ++i) EXPECT_EQ(ids[i], seen++);
        }
        EXPECT_EQ(seen, count);
        EXPECT_EQ(text.full_tokens(), count + added.count());
      }
    }
  }
}

TEST(LongText, GivesTheMeanOfThePiecesWeightedByTheirTokens) {
  Random random(1);
  const size_t D = 7;
  const SurroundingTokens added = Added({101}, {102});
  LongText text;
  ASSERT_TRUE(text.Start(TokensOf(50, added), added, 20, D).ok());
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
  const SurroundingTokens added = Added({101}, {102});
  const Buffer<Token> tokens = TokensOf(9, added);
  LongText text;
  EXPECT_EQ(text.Start(tokens, added, 2, 4).code(), StatusCode::kInvalidArgument);
  for (int n = 0; n < 2; ++n) {
    FailAllocationForTest(n);
    EXPECT_EQ(text.Start(tokens, added, 8, 4).code(), StatusCode::kOutOfMemory);
    FailAllocationForTest(-1);
    EXPECT_FALSE(text.is_open());
    text = LongText();
  }
}

}  // namespace
}  // namespace simile
