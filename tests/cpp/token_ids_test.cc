// SPDX-License-Identifier: Apache-2.0
// Token ids and offsets of the real vocabulary against the reference's
// (tests/golden/README.md describes the file). The vocabulary comes with the
// model, so SIMILE_TEST_MODEL names the checkpoint's folder; tools/test.mjs sets
// it. As WebAssembly the same file is run through the module by tests/js.
#ifndef __EMSCRIPTEN__

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "golden_ids.h"
#include "text/wordpiece.h"

namespace simile {
namespace {

std::vector<uint32_t> Numbers(const Json& json) {
  std::vector<uint32_t> numbers;
  for (const Json& number : *json.array()) {
    numbers.push_back(static_cast<uint32_t>(*number.number()));
  }
  return numbers;
}

void ExpectGolden(const Json::Array& golden, const Tokenizer& tokenizer, size_t max_tokens) {
  const std::string text = ExpandText(golden[0]);
  Buffer<Token> tokens;
  ASSERT_TRUE(tokenizer.Tokenize(text, max_tokens, &tokens).ok());
  std::vector<uint32_t> ids;
  std::vector<uint32_t> offsets;
  for (const Token& token : tokens) {
    ids.push_back(token.id);
    offsets.push_back(token.begin);
    offsets.push_back(token.end);
  }
  EXPECT_EQ(ids, Numbers(golden[1])) << text.substr(0, 200);
  if (golden.size() > 2) EXPECT_EQ(offsets, Numbers(golden[2])) << text.substr(0, 200);
}

TEST(TokenIds, EqualTheReferenceOnTenThousandStrings) {
  const char* model = std::getenv("SIMILE_TEST_MODEL");
  ASSERT_NE(model, nullptr)
      << "set SIMILE_TEST_MODEL to the folder of all-MiniLM-L6-v2 as on the Hub";
  const std::string vocab = ReadFile(std::string(model) + "/vocab.txt");
  std::ifstream lines(GoldenFolder() + "token_ids.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(lines, line)) << "cannot read token_ids.jsonl";
  const Result<Json> header = Json::Parse(line, "header");
  ASSERT_TRUE(header.ok()) << header.status().message();
  ASSERT_EQ(Sha256Of(vocab), *header.value().Find("vocab_sha256")->string());

  const auto tokenizer = MakeWordPiece(BufferOf(vocab), {});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status().message();
  const double max_tokens = *header.value().Find("max_tokens")->number();
  size_t count = 0;
  for (; std::getline(lines, line); ++count) {
    const Result<Json> golden = Json::Parse(line, "token_ids.jsonl");
    ASSERT_TRUE(golden.ok()) << golden.status().message();
    ExpectGolden(*golden.value().array(), *tokenizer.value(), static_cast<size_t>(max_tokens));
  }
  EXPECT_EQ(count, static_cast<size_t>(*header.value().Find("strings")->number()));
  EXPECT_GE(count, 10000u);
}

}  // namespace
}  // namespace simile

#endif  // __EMSCRIPTEN__
