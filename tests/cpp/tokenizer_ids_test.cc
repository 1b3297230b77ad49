// SPDX-License-Identifier: Apache-2.0
// Token ids and offsets of real tokenizer.json files against the reference's, through
// all that stands between: the file's reader, the recipe's JSON, the table.
#ifndef __EMSCRIPTEN__

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/json.h"
#include "convert/tokenizer_files.h"
#include "golden_ids.h"
#include "model/tokenizer_config_json.h"
#include "text/make_tokenizer.h"

namespace simile {
namespace {

std::unique_ptr<Tokenizer> Load(const std::string& tokenizer_json) {
  CheckpointFiles files;
  files.Add("tokenizer.json", BufferOf(tokenizer_json));
  Result<TokenizerFiles> read = ReadTokenizerFiles(files);
  EXPECT_TRUE(read.ok()) << read.status().message();
  if (!read.ok()) return nullptr;
  const Result<Json> recipe = Json::Parse(TokenizerToJson(read.value().config).Dump(), "recipe");
  TokenizerConfig config;
  const Status parsed = TokenizerFromJson(JsonReader(recipe.value(), "recipe"), &config);
  EXPECT_TRUE(parsed.ok()) << parsed.message();
  auto made = MakeTokenizer(config, std::move(read.value().vocab));
  EXPECT_TRUE(made.ok()) << made.status().message();
  if (!made.ok()) return nullptr;
  EXPECT_EQ(made.value()->vocab_size(), read.value().vocab_size);
  return std::move(made.value());
}

class TokenizerIdsTest : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerIdsTest, EqualTheReferenceOnFiveThousandStrings) {
  std::string reason;
  const std::string path = CheckpointFile(std::string(GetParam()) + "/tokenizer.json", &reason);
  if (path.empty()) GTEST_SKIP() << reason;
  const std::string golden = "tokenizer_ids/" + std::string(GetParam()) + ".txt";
  const std::string file = ReadFile(path);
  ASSERT_EQ(Sha256Of(file), GoldenSource(golden)) << "another tokenizer.json than the golden ids'";
  const std::unique_ptr<Tokenizer> tokenizer = Load(file);
  ASSERT_NE(tokenizer, nullptr);
  ExpectGoldenIds(golden, Hashed::kIdsAndOffsets, *tokenizer);
}

INSTANTIATE_TEST_SUITE_P(
    OfCheckpoints, TokenizerIdsTest,
    testing::Values("all-mpnet-base-v2", "bge-small-zh-v1.5", "flan-t5-small-titler",
                    "multilingual-e5-small", "smollm2-135m-instruct",
                    "universal-sentence-encoder-lite"),
    TestNameOf);

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
