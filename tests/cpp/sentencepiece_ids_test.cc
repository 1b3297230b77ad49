// SPDX-License-Identifier: Apache-2.0
// Token ids of real sentencepiece files against the reference's.
#ifndef __EMSCRIPTEN__

#include "text/sentencepiece.h"

#include <gtest/gtest.h>

#include <string>

#include "golden_ids.h"

namespace simile {
namespace {

class SentencepieceIdsTest : public testing::TestWithParam<const char*> {};

TEST_P(SentencepieceIdsTest, EqualTheReferenceOnFiveThousandStrings) {
  std::string reason;
  const std::string path = CheckpointFile(std::string(GetParam()) + "/tokenizer.model", &reason);
  if (path.empty()) GTEST_SKIP() << reason;
  const std::string golden = "sentencepiece_ids/" + std::string(GetParam()) + ".txt";
  const std::string model = ReadFile(path);
  ASSERT_EQ(Sha256Of(model), GoldenSource(golden)) << "another model than the golden ids'";
  const auto tokenizer = MakeSentencepiece(BufferOf(model), {});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status().message();
  ExpectGoldenIds(golden, Hashed::kIds, *tokenizer.value());
}

INSTANTIATE_TEST_SUITE_P(OfFiles, SentencepieceIdsTest,
                         testing::Values("use-multilingual-v3", "mistral-v1"), TestNameOf);

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
